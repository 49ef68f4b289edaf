# Outline of https://registry.terraform.io/modules/terraform-aws-modules/iam/aws/latest/submodules/iam-policy, versions 2 to 6.

variable "create" { default = true }
variable "create_policy" { default = true }
variable "name" { default = null }
variable "policy" { default = null }

resource "aws_iam_policy" "policy" {
  count = var.create && var.create_policy ? 1 : 0

  name   = var.name == "" ? null : var.name
  policy = var.policy
}
