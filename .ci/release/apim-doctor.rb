class ApimDoctor < Formula
  desc "Explains why an Azure service cannot reach its Key Vault"
  homepage "@REPOSITORY@"
  version "@VERSION@"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
      url "@REPOSITORY@/releases/download/v@VERSION@/apim-doctor-aarch64-apple-darwin.tar.gz"
      sha256 "@SHA256:aarch64-apple-darwin@"
    end
    on_intel do
      url "@REPOSITORY@/releases/download/v@VERSION@/apim-doctor-x86_64-apple-darwin.tar.gz"
      sha256 "@SHA256:x86_64-apple-darwin@"
    end
  end

  on_linux do
    on_arm do
      url "@REPOSITORY@/releases/download/v@VERSION@/apim-doctor-aarch64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256:aarch64-unknown-linux-musl@"
    end
    on_intel do
      url "@REPOSITORY@/releases/download/v@VERSION@/apim-doctor-x86_64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256:x86_64-unknown-linux-musl@"
    end
  end

  def install
    bin.install "apim-doctor"
    man1.install Dir["man/man1/*.1"]
    bash_completion.install "completions/apim-doctor.bash" => "apim-doctor"
    fish_completion.install "completions/apim-doctor.fish"
    zsh_completion.install "completions/_apim-doctor"
    doc.install Dir["*LICENSE*"]
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/apim-doctor --version")
    assert_match "firewall.user-assigned-not-trusted", shell_output("#{bin}/apim-doctor demo")
  end
end
