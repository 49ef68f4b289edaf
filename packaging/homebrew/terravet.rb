# The formula for the tap terravet/tap. The release workflow fills in the version and the checksums.
class Terravet < Formula
  desc "Finds what is dangerous in Terraform and CloudFormation before it is applied"
  homepage "https://github.com/terravet/terravet"
  version "@VERSION@"
  license "Apache-2.0"

  base = "https://github.com/terravet/terravet/releases/download/v@VERSION@"
  on_macos do
    on_arm do
      url "#{base}/terravet-aarch64-apple-darwin.tar.gz"
      sha256 "@aarch64-apple-darwin@"
    end
    on_intel do
      url "#{base}/terravet-x86_64-apple-darwin.tar.gz"
      sha256 "@x86_64-apple-darwin@"
    end
  end
  on_linux do
    on_arm do
      url "#{base}/terravet-aarch64-unknown-linux-musl.tar.gz"
      sha256 "@aarch64-unknown-linux-musl@"
    end
    on_intel do
      url "#{base}/terravet-x86_64-unknown-linux-musl.tar.gz"
      sha256 "@x86_64-unknown-linux-musl@"
    end
  end

  def install
    bin.install "terravet"
    generate_completions_from_executable(bin/"terravet", "completions")
    system bin/"terravet", "man", man1
  end

  test do
    (testpath/"main.tf").write <<~EOS
      resource "aws_ebs_volume" "data" {
        availability_zone = "eu-west-1a"
        size              = 1
        encrypted         = false
      }
    EOS
    assert_match "aws-ebs-volume-without-encryption", shell_output("#{bin}/terravet #{testpath}", 1)
  end
end
