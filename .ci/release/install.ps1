# Installs apim-doctor @VERSION@ for Windows, for the current user, and adds it to the user's PATH.
#
#   APIM_DOCTOR_HOME  where to install; by default %LOCALAPPDATA%\Programs\apim-doctor
#   APIM_DOCTOR_FROM  where the archive is: an address, or a folder if this machine has no network
#
# The archive's checksum has to be the one below. Nothing is installed otherwise.

# A function, so that a part of this file does nothing, and the caller's settings stay as they are.
function Install-ApimDoctor {
    $ErrorActionPreference = 'Stop'
    # The progress bar makes Windows PowerShell download slowly.
    $ProgressPreference = 'SilentlyContinue'

    $release = '@REPOSITORY@/releases/download/v@VERSION@'
    $name = 'apim-doctor-x86_64-pc-windows-msvc'
    $expected = '@SHA256:x86_64-pc-windows-msvc@'

    # Windows for Arm runs this program, too.
    if (-not [Environment]::Is64BitOperatingSystem) {
        throw 'apim-doctor: there is no program for 32-bit Windows'
    }
    $from = if ($env:APIM_DOCTOR_FROM) { $env:APIM_DOCTOR_FROM } else { $release }
    $to = if ($env:APIM_DOCTOR_HOME) { $env:APIM_DOCTOR_HOME } else { Join-Path $env:LOCALAPPDATA 'Programs\apim-doctor' }

    $folder = Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName())
    New-Item -ItemType Directory -Path $folder | Out-Null
    try {
        $archive = Join-Path $folder 'archive.zip'
        if ($from -like 'https://*') {
            [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
            Invoke-WebRequest -UseBasicParsing -Uri "$from/$name.zip" -OutFile $archive
        } elseif ($from -like 'http://*') {
            throw "apim-doctor: $from is not protected: expected https or a folder"
        } else {
            Copy-Item -LiteralPath (Join-Path $from "$name.zip") -Destination $archive
        }
        $found = (Get-FileHash -LiteralPath $archive -Algorithm SHA256).Hash
        if ($found -ne $expected) {
            throw "apim-doctor: $name.zip is not the file of the release: its SHA-256 is $found, expected $expected"
        }
        Expand-Archive -LiteralPath $archive -DestinationPath $folder
        New-Item -ItemType Directory -Force -Path $to | Out-Null
        Copy-Item -Path (Join-Path (Join-Path $folder $name) '*') -Destination $to -Recurse -Force
    } finally {
        Remove-Item -LiteralPath $folder -Recurse -Force
    }

    Write-Output "apim-doctor @VERSION@ is installed: $(Join-Path $to 'apim-doctor.exe')"
    $path = [Environment]::GetEnvironmentVariable('Path', 'User')
    if (($path -split ';') -notcontains $to) {
        [Environment]::SetEnvironmentVariable('Path', "$path;$to".TrimStart(';'), 'User')
        Write-Output 'Open a new terminal: PATH of your account now contains it.'
    }
}

Install-ApimDoctor
