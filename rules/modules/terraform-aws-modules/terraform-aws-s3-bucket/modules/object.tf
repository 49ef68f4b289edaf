# Outline of https://registry.terraform.io/modules/terraform-aws-modules/s3-bucket/aws/latest/submodules/object,
# versions 2 to 5.

variable "create" { default = true }
variable "bucket" { default = "" }
variable "server_side_encryption" { default = null }
variable "kms_key_id" { default = null }

resource "aws_s3_object" "this" {
  count = var.create ? 1 : 0

  bucket                 = var.bucket
  server_side_encryption = var.server_side_encryption
  kms_key_id             = var.kms_key_id
}
