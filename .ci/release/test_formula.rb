# Does what Homebrew does with the formula of a release, on the archives in a folder instead of downloads.
#
# usage: test_formula.rb ASSETS TARGET CELLAR

require "digest"
require "fileutils"

ASSETS, TARGET, CELLAR = ARGV
raise "usage: test_formula.rb ASSETS TARGET CELLAR" unless CELLAR

# A folder of the cellar.
class Folder
  def initialize(path)
    @path = path
  end

  def to_s
    File.join(CELLAR, @path)
  end

  def install(*given)
    FileUtils.mkdir_p(to_s)
    files = given.flatten.flat_map { |one| one.is_a?(Hash) ? one.to_a : [[one, File.basename(one)]] }
    raise "nothing to install in #{@path}" if files.empty?

    files.each { |from, name| FileUtils.cp(from, File.join(to_s, name), preserve: true) }
  end
end

# The part of Homebrew's class that the formula uses.
class Formula
  FOLDERS = {
    bin: "bin", man1: "share/man/man1", doc: "share/doc/apim-doctor", bash_completion: "etc/bash_completion.d",
    fish_completion: "share/fish/vendor_completions.d", zsh_completion: "share/zsh/site-functions"
  }.freeze
  FOLDERS.each { |name, path| define_method(name) { Folder.new(path) } }

  class << self
    attr_reader :tests

    %w[desc homepage version license url sha256].each do |name|
      define_method(name) do |value = nil|
        (@values ||= {})[name] = value if value
        (@values || {})[name]
      end
    end

    def on_macos = TARGET.end_with?("darwin") ? yield : nil
    def on_linux = TARGET.include?("linux") ? yield : nil
    def on_arm = TARGET.start_with?("aarch64") ? yield : nil
    def on_intel = TARGET.start_with?("x86_64") ? yield : nil

    def test(&block)
      @tests = block
    end
  end

  def version = self.class.version

  def shell_output(command)
    text = `#{command}`
    raise "#{command} failed" unless $?.success?

    text
  end

  def assert_match(expected, text)
    raise "expected #{expected} in: #{text}" unless text.include?(expected)
  end
end

load File.join(ASSETS, "apim-doctor.rb")

formula = ApimDoctor.new
archive = File.join(ASSETS, File.basename(ApimDoctor.url))
raise "the formula takes #{archive} for #{TARGET}" unless archive.end_with?("/apim-doctor-#{TARGET}.tar.gz")
raise "the checksum of #{archive}" unless Digest::SHA256.file(archive).hexdigest == ApimDoctor.sha256

FileUtils.mkdir_p(CELLAR)
system("tar", "-xzf", archive, "-C", CELLAR, exception: true)
Dir.chdir(File.join(CELLAR, "apim-doctor-#{TARGET}")) { formula.install }
formula.instance_eval(&ApimDoctor.tests)
