# Outline of https://registry.terraform.io/modules/terraform-aws-modules/iam/aws/latest/submodules/iam-user, versions 2 to 6.
# What `create_inline_policy` writes is left out.

variable "create" { default = true }
variable "create_user" { default = true }
variable "name" { default = null }
variable "path" { default = null }
variable "permissions_boundary" { default = null }

variable "create_login_profile" { default = true }
variable "create_iam_user_login_profile" { default = true }
variable "password_length" { default = null }
variable "password_reset_required" { default = true }

variable "create_access_key" { default = true }
variable "create_iam_access_key" { default = true }
variable "access_key_status" { default = null }
variable "iam_access_key_status" { default = null }

variable "policies" { default = {} }
variable "policy_arns" { default = [] }

locals {
  creates = var.create && var.create_user

  # Since 6 it is the provider who says how long a password is, which is as long.
  password_length = var.password_length != null ? var.password_length : 20
}

resource "aws_iam_user" "this" {
  count = local.creates ? 1 : 0

  name                 = var.name
  path                 = var.path
  permissions_boundary = var.permissions_boundary == "" ? null : var.permissions_boundary
}

resource "aws_iam_user_login_profile" "this" {
  count = local.creates && var.create_login_profile && var.create_iam_user_login_profile ? 1 : 0

  user                    = aws_iam_user.this[0].name
  password_length         = local.password_length
  password_reset_required = var.password_reset_required
}

resource "aws_iam_access_key" "this" {
  count = local.creates && var.create_access_key && var.create_iam_access_key ? 1 : 0

  user   = aws_iam_user.this[0].name
  status = var.access_key_status != null ? var.access_key_status : var.iam_access_key_status
}

resource "aws_iam_user_policy_attachment" "this" {
  for_each = local.creates ? merge(var.policies, { for at, arn in var.policy_arns : tostring(at) => arn }) : {}

  user       = aws_iam_user.this[0].name
  policy_arn = each.value
}

resource "aws_iam_user_group_membership" "this" {
  # Groups take their members in by themselves.
  count = 0

  user   = aws_iam_user.this[0].name
  groups = []
}
