# Records what `apim-doctor diagnose FILE` needs. Printed by apim-doctor @VERSION@.
#
# What it reads: @SUBJECT@
# and what decides whether it reaches its vaults: identities, vaults, role assignments, networks, private endpoints and
# DNS zones. It runs only `az rest --method get` and searches of Resource Graph, with your own sign-in. It changes
# nothing in Azure, and it fetches no secret, no key and no app setting.
# What it writes: one file: recording.json, or the name that you give as the first argument.
# @SECRETS@
# What to do with the file: copy it to a machine with apim-doctor and run `apim-doctor diagnose recording.json`.
#
# Needed: az (signed in: `az login`), and Windows PowerShell 5.1 or PowerShell 7. Each read takes about a second; expect
# a few minutes.

param([string]$Out = 'recording.json')

$ErrorActionPreference = 'Continue'
$PSNativeCommandUseErrorActionPreference = $false
$policies = @POLICIES@

$tenant = [string](& az account show --query tenantId -o tsv)
if ($LASTEXITCODE -ne 0) {
  Write-Error 'az is missing or not signed in: run `az login` first'
  exit 2
}
$azCloud = ([string](& az cloud show --query name -o tsv)).Trim()
$manager = ([string](& az cloud show --query endpoints.resourceManager -o tsv)).Trim().TrimEnd('/')
$work = Join-Path ([IO.Path]::GetTempPath()) ('apim-doctor-' + [Guid]::NewGuid().ToString('N'))
[void](New-Item -ItemType Directory -Path $work)
$utf8 = New-Object System.Text.UTF8Encoding $false

# The names of this cloud.
$known = $true
switch ($azCloud) {
@CLOUDS@
}

# The api-version of each read, and what else its query says.
$queries = @{
@VERSIONS@
}

$asked = New-Object 'System.Collections.Generic.HashSet[string]'
$queue = New-Object 'System.Collections.Generic.Queue[object]'
$exchanges = New-Object 'System.Collections.Generic.List[string]'
$declared = New-Object System.Text.StringBuilder
$identities = New-Object System.Text.StringBuilder
$vaults = @{}
$vaultBodies = @{}
$grants = New-Object 'System.Collections.Generic.List[string]'
$networks = New-Object 'System.Collections.Generic.List[string]'
$subnets = @{}
$callers = New-Object 'System.Collections.Generic.List[string]'
$accounts = @{}
$zones = @{}
$endpoints = @{}
$named = @{}
$keys = @{}
$script:resolves = $false
$script:count = 0
$script:body = ''

# ---- What is to be read: a queue in which every read stands once.

function Add-Read([string]$Kind, [string]$Target, [string]$Send = '') {
  if ($asked.Add("$Target $Send".ToLowerInvariant())) {
    $queue.Enqueue(@($Kind, $Target, $Send))
  }
}

function Add-Get([string]$Kind, [string]$Path) {
  Add-Read $Kind ($Path + '?' + $queries[$Kind])
}

function Add-Each([string]$Kind, [string]$Type, [string]$End = '') {
  foreach ($id in (Get-Ids $Type)) { Add-Get $Kind ($id + $End) }
}

function Get-Subscription([string]$Id) {
  '/subscriptions/' + $Id.Split('/')[2]
}

function Add-Within([string]$Kind, [string]$Id, [string]$Provider) {
  Add-Get $Kind ((Get-Subscription $Id) + '/providers/' + $Provider)
}

function Add-Graph([string]$Kind, [string]$Path) {
  if ($known) { Add-Read $Kind ('https://' + $graphHost + '/v1.0/' + $Path) }
}

function Add-Search([string]$Kind, [string]$Condition) {
  Add-Read $Kind '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01' ('{"query": "resources | where ' + $Condition + ' | project id, name, type"}')
}

# ---- What an answer says. az prints one member a line, indented by two.

function Get-Ids([string]$Type, [string]$Text = $script:body) {
  $pattern = '"(/subscriptions/[^/"]+/resourceGroups/[^/"]+/providers/' + $Type + '/[^/"]+)/?"'
  $found = [regex]::Matches($Text, $pattern, 'IgnoreCase')
  @($found | ForEach-Object { $_.Groups[1].Value } | Sort-Object -Unique)
}

function Get-Values([string]$Member, [string]$Text) {
  $found = [regex]::Matches($Text, '(?m)^ *"' + $Member + '": "([^"]*)",?$')
  @($found | ForEach-Object { $_.Groups[1].Value.ToLowerInvariant() } | Where-Object { $_ } | Sort-Object -Unique)
}

function Get-Elements([int]$Blanks, [string]$Text) {
  $indent = ' ' * $Blanks
  $found = [regex]::Matches($Text, '(?ms)^' + $indent + '\{$.*?^' + $indent + '\}')
  @($found | ForEach-Object { $_.Value })
}

# ---- One read.

# What may be a secret is dropped before it is written: tags, values of named values, credentials of backends.
function Remove-Secrets([string]$Kind, [string]$Path, [string]$Text) {
  $blank = { param($m) [regex]::Replace($m.Value, '": ".*"', '": ""') }
  $Text = [regex]::Replace($Text, '(?ms)^ *"tags": \{$.*?^ *\}', $blank)
  $secret = '(?m)^( *"[A-Za-z]*([pP]assword|[cC]onnectionString|[aA]ccessKey|primaryKey|secondaryKey|pfxBlob|encodedCertificate)": )".*"(,?)$'
  $Text = [regex]::Replace($Text, $secret, '$1"<redacted>"$3')
  $address = '(?!"(https://)?[A-Za-z0-9-]+\.' + $vaultSuffix + '[A-Za-z0-9/-]*",?$)'
  # Settings and messages of extensions are what somebody wrote; the Key Vault of encrypted disks is all that matters.
  if ($Kind -eq 'Machine' -or $Kind -eq 'Extensions') {
    $settings = {
      param($m)
      $keep = '(?!"(KeyVaultURL|KeyVaultResourceId|KeyEncryptionKeyURL|EncryptionOperation)": )'
      $inner = [regex]::Replace($m.Value, '(?m)^( *)' + $keep + '("[^"]*": )".*"(,?)$', '$1$3"<redacted>"$4')
      [regex]::Replace($inner, '(?m)^( *)"(?:[^"\\]|\\.)*"(,?)$', '$1"<redacted>"$2')
    }
    $messages = { param($m) [regex]::Replace($m.Value, '(?m)("message": )".*"(,?)$', '$1"<redacted>"$2') }
    $Text = [regex]::Replace($Text, '(?ms)^        "settings": \{$.*?^        \}', $settings)
    $Text = [regex]::Replace($Text, '(?ms)^        "instanceView": \{$.*?^        \}', $messages)
    $Text = [regex]::Replace($Text, '(?ms)^      "extensions": \[$.*?^      \]', $messages)
    $Text = [regex]::Replace($Text, '(?m)^( *"(?:customData|userData)": )".*"(,?)$', '$1"<redacted>"$2')
  }
  if ($Kind -eq 'NamedValues' -or $Kind -eq 'WorkspaceNamedValues') {
    $Text = [regex]::Replace($Text, '(?m)^(        "value": )' + $address + '".*"(,?)$', '$1"<redacted>"$3')
  }
  if ($Kind -eq 'Backends' -or $Kind -eq 'WorkspaceBackends') {
    $given = {
      param($m)
      $inner = [regex]::Replace($m.Value, '": ".*"', '": "<redacted>"')
      [regex]::Replace($inner, '(?m)^( *)"(?:[^"\\]|\\.)*"(,?)$', '$1"<redacted>"$2')
    }
    $Text = [regex]::Replace($Text, '(?ms)^        "(credentials|proxy)": \{$.*?^        \}', $given)
    $Text = [regex]::Replace($Text, '(?m)^(        "(?:url|description|title)": )' + $address + '".*"(,?)$', '$1"<redacted>"$3')
  }
  if ($Kind -eq 'SiteConfig' -or $Kind -eq 'SlotConfig') {
    $all = [regex]::Match($Text, '(?m)^    "vnetRouteAllEnabled": (true|false),?$')
    $value = 'null'
    if ($all.Success) { $value = $all.Groups[1].Value }
    $Text = "{`n" + '  "id": "' + $Path + '",' + "`n" + '  "properties": { "vnetRouteAllEnabled": ' + $value + ' }' + "`n}"
  }
  $Text
}

# What az says of a refusal: `ERROR: Not Found({"error":{"code":"ResourceNotFound",...}})`. Only a refusal with a code of
# Azure's own counts as one. Everything else counts as no answer, which proves nothing.
function Get-Refusal([string]$Said) {
  $Said = $Said -replace '[\r\n]', ' '
  $code = [regex]::Match($Said, '^[^{]*\{ *"error" *: *\{ *"code" *: *"([A-Za-z0-9_.]*)"')
  $reason = [regex]::Match($Said, '^ERROR: ([A-Z][A-Za-z ]*)\(\{')
  $status = 0
  if ($code.Success -and $reason.Success) {
    switch ($reason.Groups[1].Value) {
      'Not Found' { $status = 404 }
      'Forbidden' { $status = 403 }
      'Unauthorized' { $status = 401 }
      'Too Many Requests' { $status = 429 }
    }
  }
  $name = 'NoAnswer'
  if ($code.Success) { $name = $code.Groups[1].Value }
  @($status, $name)
}

function Add-Exchange([string]$Request, [int]$Status, [string]$Send, [string]$Body) {
  $text = '{"request": "' + $Request + '", "status": ' + $Status + ', '
  if ($Send) { $text += '"send": ' + $Send + ', ' }
  $exchanges.Add($text + '"body": ' + $Body + '}')
}

function Add-Refusal([string]$Request, [int]$Status, [string]$Send, [string]$Code) {
  Add-Exchange $Request $Status $Send ('{"error": {"code": "' + $Code + '", "message": "as az reported it"}}')
}

function Invoke-Read([string]$Kind, [string]$Target, [string]$Send) {
  $script:count++
  [Console]::Error.WriteLine("$($script:count): $($Target.Split('?')[0])")
  # Files, because cmd.exe changes some characters of arguments on their way to az.
  $uriFile = Join-Path $work 'uri'
  $sendFile = Join-Path $work 'send'
  [IO.File]::WriteAllText($uriFile, $Target, $utf8)
  foreach ($pause in 10, 20, 0) {
    if ($Send) {
      [IO.File]::WriteAllText($sendFile, $Send, $utf8)
      $all = @(& az rest --method post --uri "@$uriFile" --body "@$sendFile" -o json --only-show-errors 2>&1)
    } else {
      $all = @(& az rest --method get --uri "@$uriFile" -o json --only-show-errors 2>&1)
    }
    $failed = $LASTEXITCODE
    $errors = @($all | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | ForEach-Object { $_.Exception.Message })
    $said = $errors -join ' '
    if ($said -notmatch 'ERROR: Too Many Requests\(') { break }
    Start-Sleep -Seconds $pause
  }
  $lines = @($all | Where-Object { $_ -isnot [System.Management.Automation.ErrorRecord] } | ForEach-Object { [string]$_ })
  $path = $Target.Split('?')[0]
  if ($path.StartsWith('https://')) { $path = $path.Substring($path.IndexOf('/', 8)) }
  $method = 'GET'
  if ($Send) { $method = 'POST' }
  # An answer that is not JSON does not come from Azure.
  if ($failed -eq 0 -and $lines.Count -gt 1 -and ($lines[0] + $lines[-1]) -in '{}', '[]') {
    $script:body = Remove-Secrets $Kind $path ($lines -join "`n")
    Add-Exchange "$method $Target" 200 $Send $script:body
    Add-Next $Kind $Target $Send
    Add-Following $Kind $path
  } else {
    $status, $code = Get-Refusal $said
    Add-Refusal "$method $Target" $status $Send $code
    Add-Instead $Kind $Target $path
  }
}

# The next page of a list, at the same host only.
function Add-Next([string]$Kind, [string]$Target, [string]$Send) {
  if ($Send) {
    $token = [regex]::Match($script:body, '(?m)^  "\$skipToken": "([^"\\]+)",?$')
    if ($token.Success) {
      $start = ($Send -split ', "options"')[0].TrimEnd('}')
      Add-Read $Kind $Target ($start + ', "options": {"$skipToken": "' + $token.Groups[1].Value + '"}}')
    }
    return
  }
  $link = [regex]::Match($script:body, '(?m)^  "(?:nextLink|@odata\.nextLink)": "([^"\\]+)",?$')
  if ($link.Success) {
    $next = $link.Groups[1].Value
    if ($next.StartsWith("$manager/") -or $next.StartsWith("https://$graphHost/")) { Add-Read $Kind $next }
  }
}

# ---- What follows from an answer.

function Start-Caller([string]$Id) {
  Add-Within Vaults $Id 'Microsoft.KeyVault/vaults'
  Add-Around $Id
  $callers.Add($Id)
  switch -Regex ($Id) {
    '/providers/Microsoft\.ApiManagement/service/' {
      Add-Get Instance $Id
      Add-Get NamedValues "$Id/namedValues"
      Add-Get Certificates "$Id/certificates"
      if ($policies) {
        Add-Get Policy "$Id/policies/policy"
        Add-Get Fragments "$Id/policyFragments"
        Add-Get Apis "$Id/apis"
        Add-Get Products "$Id/products"
        Add-Get Backends "$Id/backends"
      } else {
        Add-Refusal ("GET $Id/policies/policy?" + $queries['Policy']) 0 '' 'NotAsked'
      }
      break
    }
    '/providers/Microsoft\.Web/sites/[^/]+/slots/' {
      Start-Slot $Id
      break
    }
    '/providers/Microsoft\.Web/sites/' {
      Add-Get Site $Id
      Add-Get SiteConfig "$Id/config/web"
      Add-Get References "$Id/config/configreferences/appsettings"
      Add-Get ConnectionReferences "$Id/config/configreferences/connectionstrings"
      Add-Get Slots "$Id/slots"
      break
    }
    '/providers/Microsoft\.Web/certificates/' {
      Add-Get AppCertificate $Id
      break
    }
    '/providers/Microsoft\.Network/applicationGateways/' {
      Add-Get ApplicationGateway $Id
      break
    }
    '/providers/Microsoft\.RecoveryServices/vaults/' {
      Add-Get RecoveryVault $Id
      Add-Get BackupConfig "$Id/backupconfig/vaultconfig"
      Add-Get EncryptionConfig "$Id/backupEncryptionConfigs/backupResourceEncryptionConfig"
      Add-Get BackupPolicies "$Id/backupPolicies"
      Add-Get ProtectedMachines "$Id/backupProtectedItems"
      Add-Get GuardProxies "$Id/backupResourceGuardProxies"
      Add-Get DiagnosticSettings "$Id/providers/Microsoft.Insights/diagnosticSettings"
      $until = [DateTime]::UtcNow
      $window = "startTime eq '" + (Get-Moment $until.AddDays(-7)) + "' and endTime eq '" + (Get-Moment $until) + "'"
      Add-Read BackupJobs ("$Id/backupJobs?" + $queries['BackupJobs'] + '&$filter=' + $window)
      break
    }
  }
}

# A time as the lists of jobs want it.
function Get-Moment([DateTime]$Time) {
  $Time.ToString('yyyy-MM-dd hh:mm:ss tt', [Globalization.CultureInfo]::InvariantCulture)
}

# What concerns every vault and account of a subscription.
function Add-Around([string]$Id) {
  Add-Within Perimeters $Id 'Microsoft.Network/networkSecurityPerimeters'
  Add-Within CustomRoles $Id 'Microsoft.Authorization/roleDefinitions'
}

function Start-Slot([string]$Id) {
  Add-Get Slot $Id
  Add-Get SlotConfig "$Id/config/web"
  Add-Get SlotReferences "$Id/config/configreferences/appsettings"
  Add-Get SlotConnectionReferences "$Id/config/configreferences/connectionstrings"
}

# What every caller says of its identities and subnets.
function Add-OfCaller {
  [void]$identities.AppendLine($script:body)
  Add-Each UserIdentity 'Microsoft\.ManagedIdentity/userAssignedIdentities'
  foreach ($id in (Get-Ids 'Microsoft\.Network/virtualNetworks/[^/"]+/subnets')) {
    Add-Subnet $id
    Add-Resolving ($id -replace '/subnets/[^/]*$', '')
  }
}

function Add-Subnet([string]$Id) {
  $subnets[$Id.ToLowerInvariant()] = $true
  Add-Get Network ($Id -replace '/subnets/[^/]*$', '')
}

# A network in which names are resolved.
function Add-Resolving([string]$Id) {
  $script:resolves = $true
  Add-Get Network $Id
  Add-Within Zones $Id 'Microsoft.Network/privateDnsZones'
  Add-Within Rulesets $Id 'Microsoft.Network/dnsForwardingRulesets'
  Add-Within Resolvers $Id 'Microsoft.Network/dnsResolvers'
  Add-Within NetworkManagers $Id 'Microsoft.Network/networkManagers'
  Add-Search FindZones "type =~ 'microsoft.network/privatednszones' and name in~ ('$vaultZone')"
  Add-Search FindResolvers "type in~ ('microsoft.network/dnsresolvers', 'microsoft.network/dnsforwardingrulesets')"
}

function Add-Ruleset([string]$Id) {
  Add-Get RulesetLinks "$Id/virtualNetworkLinks"
  Add-Get Rules "$Id/forwardingRules"
}

# Who has rights at a vault or account.
function Add-Assignments([string]$Id) {
  Add-Get RoleAssignments "$Id/providers/Microsoft.Authorization/roleAssignments"
  Add-Get DenyAssignments "$Id/providers/Microsoft.Authorization/denyAssignments"
}

function Add-PrivateEndpoints {
  foreach ($id in (Get-Ids 'Microsoft\.Network/privateEndpoints')) {
    Add-Get PrivateEndpoint $id
    Add-Get ZoneGroups "$id/privateDnsZoneGroups"
  }
}

function Add-Declared {
  [void]$declared.AppendLine($script:body)
}

# The Key Vaults that hold the keys of a machine's disks, which the backup service reads.
function Add-OfDisks {
  $all = @(Get-Ids 'Microsoft\.KeyVault/vaults')
  foreach ($id in $all) { Add-Get Vault $id }
  if ($all.Count -gt 0 -and $backupService) { Add-Graph FirstParty "servicePrincipals(appId='$backupService')" }
}

function Add-Following([string]$Kind, [string]$Path) {
  $service = 'Microsoft\.ApiManagement/service/[^/"]+'
  $workspace = $service + '/workspaces/[^/"]+'
  switch ($Kind) {
    'FindInstance' {
      $found = [regex]::Matches($script:body, '"id": "(/subscriptions/[^"]+)"')
      foreach ($match in $found) { Start-Caller $match.Groups[1].Value }
    }
    'Instance' {
      Add-OfCaller
      Add-Declared
      if ($script:body -match '"type": "[^"]*SystemAssigned') {
        Add-Get SystemIdentity "$Path/providers/Microsoft.ManagedIdentity/identities/default"
      }
      if ($script:body -match '"subnetResourceId": "') { Add-Get NetworkStatus "$Path/networkstatus" }
      # These tiers have no workspaces.
      $sku = [regex]::Match($script:body, '(?ms)^  "sku": \{$.*?^  \}').Value
      if ($sku -notmatch '"name": "(developer|basic|standard|consumption)"') { Add-Get Workspaces "$Path/workspaces" }
    }
    'Workspaces' {
      foreach ($id in (Get-Ids ($service + '/workspaces'))) {
        Add-Get WorkspaceNamedValues "$id/namedValues"
        Add-Get WorkspaceCertificates "$id/certificates"
        if ($policies) {
          Add-Get WorkspacePolicy "$id/policies/policy"
          Add-Get WorkspaceFragments "$id/policyFragments"
          Add-Get WorkspaceBackends "$id/backends"
          Add-Get WorkspaceApis "$id/apis"
          Add-Get WorkspaceProducts "$id/products"
        }
      }
    }
    'Apis' {
      Add-Declared
      Add-Each ApiPolicy ($service + '/apis') '/policies/policy'
      Add-Each Operations ($service + '/apis') '/operations'
      foreach ($element in (Get-Elements 4 $script:body)) {
        if ($element -match '"(type|apiType)": "graphql"') {
          foreach ($id in (Get-Ids ($service + '/apis') $element)) { Add-Get ApiResolvers "$id/resolvers" }
        }
      }
    }
    'WorkspaceApis' {
      Add-Declared
      Add-Each WorkspaceApiPolicy ($workspace + '/apis') '/policies/policy'
      Add-Each WorkspaceOperations ($workspace + '/apis') '/operations'
    }
    'Operations' { Add-Each OperationPolicy ($service + '/apis/[^/"]+/operations') '/policies/policy' }
    'WorkspaceOperations' {
      Add-Each WorkspaceOperationPolicy ($workspace + '/apis/[^/"]+/operations') '/policies/policy'
    }
    'ApiResolvers' { Add-Each ResolverPolicy ($service + '/apis/[^/"]+/resolvers') '/policies/policy' }
    'Products' { Add-Each ProductPolicy ($service + '/products') '/policies/policy' }
    'WorkspaceProducts' { Add-Each WorkspaceProductPolicy ($workspace + '/products') '/policies/policy' }
    { $_ -eq 'Site' -or $_ -eq 'Slot' } {
      Add-OfCaller
      $found = [regex]::Matches($script:body, '"https://([a-z0-9]+)\.[a-z]+\.' + $storageSuffix, 'IgnoreCase')
      foreach ($match in $found) { $accounts[$match.Groups[1].Value.ToLowerInvariant()] = $true }
    }
    'Slots' { foreach ($id in (Get-Ids 'Microsoft\.Web/sites/[^/"]+/slots')) { Start-Slot $id } }
    'AppCertificate' {
      Add-Declared
      $secret = @(Get-Values keyVaultSecretName $script:body)
      foreach ($vault in (Get-Ids 'Microsoft\.KeyVault/vaults')) {
        if ($secret.Count -gt 0) {
          [void]$declared.AppendLine('"https://' + $vault.Split('/')[-1] + '.' + $vaultHost + '/secrets/' + $secret[0] + '"')
          Add-Get Vault $vault
          Add-Graph FirstParty "servicePrincipals(appId='$appService')"
        }
      }
    }
    'FirstParty' { [void]$identities.AppendLine(($script:body -replace '(?m)^  "id": ', '  "principalId": ')) }
    'ApplicationGateway' {
      Add-OfCaller
      Add-Declared
    }
    'RecoveryVault' {
      [void]$identities.AppendLine($script:body)
      Add-Declared
      Add-Each UserIdentity 'Microsoft\.ManagedIdentity/userAssignedIdentities'
      # Servers and databases need a way to a vault whose public access is off.
      if ($script:body -match '"publicNetworkAccess": "Disabled"') {
        foreach ($own in 'MAB', 'AzureWorkload') {
          $kindIs = '&$filter=backupManagementType eq ' + "'$own'"
          Add-Read ProtectedServers ("$Path/backupProtectedItems?" + $queries['ProtectedServers'] + $kindIs)
          Add-Read BackupContainers ("$Path/backupProtectionContainers?" + $queries['BackupContainers'] + $kindIs)
        }
      }
    }
    'ProtectedMachines' {
      foreach ($id in (Get-Ids 'Microsoft\.Compute/virtualMachines')) {
        Add-Get Machine $id
        Add-Get Extensions "$id/extensions"
        Add-Get Locks (($id -replace '(?i)/providers/.*$', '') + '/providers/Microsoft.Authorization/locks')
      }
    }
    'BackupPolicies' {
      # A policy may name the groups of the restore points.
      foreach ($element in (Get-Elements 4 $script:body)) {
        $start = [regex]::Match($element, '"azureBackupRGNamePrefix": "([A-Za-z0-9._()-]+)"')
        $end = [regex]::Match($element, '"azureBackupRGNameSuffix": "([A-Za-z0-9._()-]*)"')
        if ($start.Success) {
          $group = (Get-Subscription $Path) + '/resourceGroups/' + $start.Groups[1].Value + '1' + $end.Groups[1].Value
          Add-Get Locks "$group/providers/Microsoft.Authorization/locks"
        }
      }
    }
    'BackupJobs' {
      foreach ($element in (Get-Elements 4 $script:body)) {
        if ($element -match '"status": "Failed"') {
          foreach ($id in (Get-Ids 'Microsoft\.RecoveryServices/vaults/[^/"]+/backupJobs' $element)) { Add-Get BackupJob $id }
        }
      }
    }
    'Machine' {
      Add-Declared
      Add-OfDisks
      $location = @(Get-Values location $script:body)
      if ($location.Count -gt 0) {
        $group = (Get-Subscription $Path) + '/resourceGroups/AzureBackupRG_' + $location[0].Replace(' ', '') + '_1'
        Add-Get Locks "$group/providers/Microsoft.Authorization/locks"
      }
    }
    'Extensions' {
      Add-Declared
      Add-OfDisks
    }
    { $_ -eq 'UserIdentity' -or $_ -eq 'SystemIdentity' } { [void]$identities.AppendLine($script:body) }
    'FindIdentities' { Add-Each UserIdentity 'Microsoft\.ManagedIdentity/userAssignedIdentities' }
    { $_ -eq 'Vaults' -or $_ -eq 'FindVaults' -or $_ -eq 'Vault' } {
      foreach ($id in (Get-Ids 'Microsoft\.KeyVault/vaults')) {
        $name = $id.Split('/')[-1].ToLowerInvariant()
        if (-not $vaults.ContainsKey($name)) { $vaults[$name] = $id }
      }
      if ($Kind -eq 'Vault') {
        $vaultBodies[$Path.Split('/')[-1].ToLowerInvariant()] = $script:body
        Add-PrivateEndpoints
        $location = @(Get-Values location $script:body)
        if ($script:body -match '(?m)"ipRules": \[$' -and $location.Count -gt 0) {
          Add-Within ServiceTags $Path ('Microsoft.Network/locations/' + $location[0].Replace(' ', '') + '/serviceTags')
        }
      }
    }
    'FindAccounts' { Add-Each Account 'Microsoft\.Storage/storageAccounts' }
    'Account' {
      Add-PrivateEndpoints
      Add-Around $Path
      Add-Assignments $Path
    }
    'RoleAssignments' { foreach ($element in (Get-Elements 4 $script:body)) { $grants.Add($element) } }
    'Perimeters' { Add-Each Associations 'Microsoft\.Network/networkSecurityPerimeters' '/resourceAssociations' }
    'Associations' {
      if ($script:body -match '/providers/Microsoft\.(KeyVault/vaults|Storage/storageAccounts)/') {
        Add-Each AccessRules 'Microsoft\.Network/networkSecurityPerimeters/[^/"]+/profiles' '/accessRules'
      }
    }
    'PrivateEndpoint' {
      $endpoints[$Path] = $true
      Add-Each Interface 'Microsoft\.Network/networkInterfaces'
      foreach ($id in (Get-Ids 'Microsoft\.Network/virtualNetworks/[^/"]+/subnets')) { Add-Subnet $id }
    }
    { $_ -eq 'ZoneGroups' -or $_ -eq 'Zones' -or $_ -eq 'FindZones' } {
      foreach ($id in (Get-Ids 'Microsoft\.Network/privateDnsZones')) { $zones[$id] = $true }
    }
    'Network' { foreach ($element in (Get-Elements 6 $script:body)) { $networks.Add($element) } }
    'Rulesets' { foreach ($id in (Get-Ids 'Microsoft\.Network/dnsForwardingRulesets')) { Add-Ruleset $id } }
    { $_ -eq 'Resolvers' -or $_ -eq 'Resolver' } {
      Add-Each InboundEndpoints 'Microsoft\.Network/dnsResolvers' '/inboundEndpoints'
      foreach ($id in (Get-Ids 'Microsoft\.Network/virtualNetworks')) { Add-Resolving $id }
    }
    'FindResolvers' {
      Add-Each Resolver 'Microsoft\.Network/dnsResolvers'
      foreach ($id in (Get-Ids 'Microsoft\.Network/dnsForwardingRulesets')) { Add-Ruleset $id }
    }
    { $_ -match 'NamedValues$|Certificates$|Policy$|Fragments$|Backends$|References$' } { Add-Declared }
  }
}

# What is tried instead of a read that was refused.
function Add-Instead([string]$Kind, [string]$Target, [string]$Path) {
  if ($Kind -eq 'Groups') { Add-Read GroupsOfUser ($Target -replace '/servicePrincipals/', '/users/') }
  if ($Kind -eq 'Secrets') {
    $vault = $Path -replace '/secrets$', ''
    $name = $vault.Split('/')[-1].ToLowerInvariant()
    if ($named.ContainsKey($name)) {
      foreach ($object in @($named[$name].Keys)) { Add-Get Secret "$vault/secrets/$object" }
    }
  }
}

# ---- Once nothing is under way: what is worth reading now that the rest is known.

function Add-Name([string]$Vault, [string]$Object) {
  if (-not $named.ContainsKey($Vault)) { $named[$Vault] = @{} }
  if ($Object) { $named[$Vault][$Object] = $true }
}

# Every vault that is named, and the objects in it.
function Find-Names {
  $text = $declared.ToString().ToLowerInvariant()
  foreach ($suffix in $vaultSuffix, $vaultZoneSuffix) {
    $pattern = '([a-z0-9-]+)\.' + $suffix + '[:0-9]*(?:/+(secrets|certificates|keys)/+([a-z0-9-]+))?'
    foreach ($match in [regex]::Matches($text, $pattern)) {
      $object = $match.Groups[3].Value
      if ($match.Groups[2].Value -eq 'keys') {
        $keys[$match.Groups[1].Value + '/' + $object] = $true
        $object = ''
      }
      Add-Name $match.Groups[1].Value $object
    }
  }
  foreach ($match in [regex]::Matches($text, 'vaultname *= *([a-z0-9-]+)[^"\n]*?secretname *= *([a-z0-9-]+)')) {
    Add-Name $match.Groups[1].Value $match.Groups[2].Value
  }
  foreach ($match in [regex]::Matches($text, 'secretname *= *([a-z0-9-]+)[^"\n]*?vaultname *= *([a-z0-9-]+)')) {
    Add-Name $match.Groups[2].Value $match.Groups[1].Value
  }
  # A policy may put an address together.
  if ($policies) {
    foreach ($name in @($vaults.Keys)) {
      if ([regex]::IsMatch($text, '\b' + [regex]::Escape($name) + '\b')) {
        Add-Name $name ''
        foreach ($match in [regex]::Matches($text, '["\\;()<>@{}, ]/*secrets/([a-z0-9-]+)')) { Add-Name $name $match.Groups[1].Value }
      }
    }
  }
}

# What is around a vault that is named.
function Add-Vault([string]$Name, [string]$Id) {
  Add-Get Vault $Id
  Add-Around $Id
  Add-Assignments $Id
  foreach ($key in @($keys.Keys)) {
    if ($key.StartsWith("$Name/")) { Add-Get Key ("$Id/keys/" + $key.Split('/')[1]) }
  }
  $objects = @($named[$Name].Keys)
  if ($objects.Count -ge 5) {
    Add-Get Secrets "$Id/secrets"
  } else {
    foreach ($object in $objects) { Add-Get Secret "$Id/secrets/$object" }
  }
}

# Who has rights at a vault where none of the callers' identities has one.
function Add-WhoElse([string]$Name, [string]$Id) {
  if (-not $vaultBodies.ContainsKey($Name)) { return }
  $own = $vaultBodies[$Name]
  $principals = @(Get-Values principalId $identities.ToString())
  $holders = $own
  if ($own -match '"enableRbacAuthorization": true') {
    $holders = @($grants | Where-Object { $_ -match '@GRANTING@' }) -join "`n"
  }
  foreach ($principal in $principals) {
    if ($holders.ToLowerInvariant().Contains($principal)) { return }
  }
  $others = @(Get-Values objectId $own)
  foreach ($grant in $grants) {
    $here = $grant.ToLowerInvariant().Contains('"scope": "' + $Id.ToLowerInvariant())
    if ($here -and $grant -notmatch '"principalType": "Group"') { $others += @(Get-Values principalId $grant) }
  }
  foreach ($holder in @($others | Sort-Object -Unique | Select-Object -First 20)) {
    Add-Graph DirectoryObject "directoryObjects/$holder"
  }
  $groups = @($grants | Where-Object { $_ -match '"principalType": "Group"' }).Count -gt 0
  foreach ($principal in $principals) {
    $list = (Get-Subscription $Id) + '/providers/Microsoft.Authorization/roleAssignments?' + $queries['AssignmentsOf']
    Add-Read AssignmentsOf ($list + '&$filter=principalId eq ' + "'$principal'")
    if ($groups) { Add-Graph Groups "servicePrincipals/$principal/transitiveMemberOf" }
  }
}

function Add-FollowUp {
  # What the subnets on the way are joined to.
  foreach ($element in $networks) {
    $lower = $element.ToLowerInvariant()
    $joined = $false
    foreach ($subnet in @($subnets.Keys)) { if ($lower.Contains('"id": "' + $subnet + '"')) { $joined = $true } }
    if ($joined) {
      foreach ($id in (Get-Ids 'Microsoft\.Network/networkSecurityGroups' $element)) { Add-Get SecurityGroup $id }
      foreach ($id in (Get-Ids 'Microsoft\.Network/routeTables' $element)) { Add-Get RouteTable $id }
      foreach ($id in (Get-Ids 'Microsoft\.Network/serviceEndpointPolicies' $element)) { Add-Get ServiceEndpointPolicy $id }
    }
  }
  # Storage accounts of apps.
  $fitting = $vaultZones
  if ($accounts.Count -gt 0) {
    $fitting = "$vaultZones|$storageZones"
    if ($script:resolves) {
      Add-Search FindZones "type =~ 'microsoft.network/privatednszones' and name in~ ($allZones)"
    }
  }
  foreach ($name in @($accounts.Keys)) {
    Add-Search FindAccounts "type =~ 'microsoft.storage/storageaccounts' and name =~ '$name'"
  }
  # Private zones in which a name that matters can be.
  foreach ($id in @($zones.Keys)) {
    if ($id -match "/privateDnsZones/($fitting)`$") {
      Add-Get ZoneLinks "$id/virtualNetworkLinks"
      Add-Get ZoneRecords "$id/A"
    }
  }
  if ($script:resolves) {
    foreach ($id in @($endpoints.Keys)) { Add-Within Zones $id 'Microsoft.Network/privateDnsZones' }
  }
  # Vaults that are named: those that were found, and those that were not.
  Find-Names
  $missing = @()
  foreach ($name in @($named.Keys | Sort-Object)) {
    if ($vaults.ContainsKey($name)) { Add-Vault $name $vaults[$name] } else { $missing += "'$name'" }
  }
  if ($missing.Count -gt 0) {
    Add-Search FindVaults ("type =~ 'microsoft.keyvault/vaults' and name in~ (" + ($missing -join ', ') + ')')
    foreach ($id in $callers.ToArray()) { Add-Within DeletedVaults $id 'Microsoft.KeyVault/deletedVaults' }
  }
  # Identities that a reference selects and the caller does not have.
  $selected = @(Get-Values identityClientId $declared.ToString())
  foreach ($match in [regex]::Matches($declared.ToString(), 'client-id=\\"([0-9a-fA-F-]{36})\\"')) {
    $selected += $match.Groups[1].Value.ToLowerInvariant()
  }
  $clients = @(Get-Values clientId $identities.ToString())
  $strangers = @($selected | Where-Object { $_ -match '^[0-9a-f-]{36}$' -and $clients -notcontains $_ } | Sort-Object -Unique | ForEach-Object { "'$_'" })
  if ($strangers.Count -gt 0) {
    Add-Search FindIdentities ("type =~ 'microsoft.managedidentity/userassignedidentities' and properties.clientId in~ (" + ($strangers -join ', ') + ')')
  }
}

try {
@START@
  while ($queue.Count -gt 0) {
    while ($queue.Count -gt 0) {
      $read = $queue.Dequeue()
      Invoke-Read $read[0] $read[1] $read[2]
    }
    Add-FollowUp
    # Who else has rights, once the rest is settled.
    if ($queue.Count -eq 0) {
      foreach ($name in @($named.Keys)) {
        if ($vaults.ContainsKey($name)) { Add-WhoElse $name $vaults[$name] }
      }
    }
  }
} finally {
  Remove-Item -Recurse -Force -Path $work
}

$cloudText = ''
if ($known) { $cloudText = ' "cloud": "' + $cloudName + '",' }
$takenAt = [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ', [Globalization.CultureInfo]::InvariantCulture)
$text = '{"apimDoctor": "snapshot/v1", "takenAt": "' + $takenAt + '", "tenantId": "' + $tenant.Trim() + '",' + $cloudText + "`n" + '"exchanges": [' + "`n"
$text += ($exchanges.ToArray() -join ",`n") + "`n]}`n"
$file = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Out)
[IO.File]::WriteAllText($file, $text, $utf8)
Write-Output "$($script:count) reads are in $Out; read them with: apim-doctor diagnose $Out"
