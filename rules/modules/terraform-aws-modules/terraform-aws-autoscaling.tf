# Outline of https://registry.terraform.io/modules/terraform-aws-modules/autoscaling/aws, versions 1 to 9. Until 3 it makes
# launch configurations, in 4 either kind if told so, since 5 launch templates.

variable "module_least" {}
variable "module_most" {}
variable "unknown" {}

variable "create" { default = true }
variable "create_asg" { default = true }
variable "create_lc" { default = null }
variable "create_lt" { default = false }
variable "create_launch_template" { default = true }
variable "use_lc" { default = false }
variable "use_lt" { default = false }
variable "existing_launch_configuration" { default = "" }
variable "launch_configuration" { default = null }
variable "launch_template" { default = null }
variable "launch_template_id" { default = null }
variable "use_mixed_instances_policy" { default = false }
variable "mixed_instances_policy" { default = null }

variable "image_id" { default = null }
variable "key_name" { default = null }
variable "user_data" { default = null }
variable "user_data_base64" { default = null }
variable "enable_monitoring" { default = null }
variable "metadata_options" { default = null }
variable "security_groups" { default = null }
variable "network_interfaces" { default = null }
variable "associate_public_ip_address" { default = null }
variable "root_block_device" { default = [] }
variable "ebs_block_device" { default = [] }
variable "block_device_mappings" { default = null }

variable "iam_instance_profile" { default = null }
variable "iam_instance_profile_name" { default = null }
variable "iam_instance_profile_arn" { default = null }
variable "create_iam_instance_profile" { default = false }
variable "iam_role_permissions_boundary" { default = null }
variable "iam_role_policies" { default = {} }

locals {
  is_until_3 = var.module_most < 4000
  is_4       = var.module_least >= 4000 && var.module_most < 5000
  is_since_5 = var.module_least >= 5000

  old_configuration = local.is_until_3 ? var.create_lc != false && var.existing_launch_configuration == "" : var.unknown
  configuration     = local.is_4 ? var.create_lc == true : local.is_since_5 ? false : local.old_configuration
  new_template      = local.is_since_5 ? var.create_launch_template : var.unknown
  template          = local.is_4 ? var.create_lt : local.is_until_3 ? false : local.new_template

  # By release: whether instances are watched in detail, and whether they have public addresses, where nothing is said.
  monitoring_since_6 = var.module_least >= 6000 || local.is_until_3 ? true : var.unknown
  monitoring         = local.is_4 || var.module_least >= 5000 && var.module_most < 6000 ? null : local.monitoring_since_6
  watches            = var.enable_monitoring != null ? var.enable_monitoring : local.monitoring
  public_address     = local.is_until_3 ? false : null
  http_tokens        = var.module_most < 9000 ? null : var.module_least >= 9000 ? "required" : var.unknown
  hop_limit          = var.module_most < 9000 ? null : var.module_least >= 9000 ? 1 : var.unknown

  mappings     = var.block_device_mappings != null ? var.block_device_mappings : []
  interfaces   = var.network_interfaces != null ? var.network_interfaces : []
  profile_name = var.create_iam_instance_profile ? null : var.iam_instance_profile_name
  profile_arn  = var.create_iam_instance_profile ? aws_iam_instance_profile.this[0].arn : var.iam_instance_profile_arn
}

resource "aws_launch_configuration" "this" {
  count = local.configuration ? 1 : 0

  image_id             = var.image_id
  key_name             = var.key_name
  user_data            = var.user_data
  user_data_base64     = var.user_data_base64
  iam_instance_profile = var.iam_instance_profile_name != null ? var.iam_instance_profile_name : var.iam_instance_profile
  security_groups      = var.security_groups
  enable_monitoring    = local.watches

  associate_public_ip_address = var.associate_public_ip_address != null ? var.associate_public_ip_address : local.public_address

  # What a launch configuration is never given.
  launch_template           = null
  network_interface         = null
  network_interfaces        = null
  primary_network_interface = null
  subnet_id                 = null

  metadata_options {
    http_endpoint               = try(var.metadata_options.http_endpoint, null)
    http_tokens                 = try(var.metadata_options.http_tokens, null)
    http_put_response_hop_limit = try(var.metadata_options.http_put_response_hop_limit, null)
  }

  dynamic "root_block_device" {
    for_each = var.root_block_device

    content {
      encrypted = try(root_block_device.value.encrypted, null)
    }
  }

  dynamic "ebs_block_device" {
    for_each = var.ebs_block_device

    content {
      encrypted   = try(ebs_block_device.value.encrypted, null)
      snapshot_id = try(ebs_block_device.value.snapshot_id, null)
    }
  }
}

resource "aws_launch_template" "this" {
  count = local.template ? 1 : 0

  image_id               = var.image_id
  key_name               = var.key_name
  user_data              = var.user_data_base64 != null ? var.user_data_base64 : var.user_data
  vpc_security_group_ids = length(local.interfaces) > 0 ? [] : var.security_groups

  # What a launch template is never given.
  launch_template           = null
  network_interface         = null
  primary_network_interface = null

  metadata_options {
    http_endpoint               = try(var.metadata_options.http_endpoint, null)
    http_tokens                 = try(var.metadata_options.http_tokens, null) != null ? var.metadata_options.http_tokens : local.http_tokens
    http_put_response_hop_limit = try(var.metadata_options.http_put_response_hop_limit, null) != null ? var.metadata_options.http_put_response_hop_limit : local.hop_limit
  }

  dynamic "monitoring" {
    for_each = local.watches != null ? [local.watches] : []

    content {
      enabled = monitoring.value
    }
  }

  dynamic "iam_instance_profile" {
    for_each = local.profile_name != null || var.iam_instance_profile_arn != null || var.create_iam_instance_profile ? [true] : []

    content {
      name = local.profile_name
      arn  = local.profile_arn
    }
  }

  dynamic "network_interfaces" {
    for_each = local.interfaces

    content {
      associate_public_ip_address = try(network_interfaces.value.associate_public_ip_address, null)
      security_groups             = try(network_interfaces.value.security_groups, null)
      subnet_id                   = try(network_interfaces.value.subnet_id, null)
    }
  }

  dynamic "block_device_mappings" {
    for_each = local.mappings

    content {
      dynamic "ebs" {
        for_each = flatten([try(block_device_mappings.value.ebs, [])])

        content {
          encrypted   = try(ebs.value.encrypted, null)
          snapshot_id = try(ebs.value.snapshot_id, null)
        }
      }
    }
  }
}

resource "aws_autoscaling_group" "this" {
  count = var.create && var.create_asg ? 1 : 0

  launch_configuration   = local.is_until_3 || local.is_4 && var.use_lc ? try(aws_launch_configuration.this[0].name, var.launch_configuration) : local.is_4 || local.is_since_5 ? null : var.unknown
  launch_template        = local.is_until_3 || local.is_4 && !var.use_lt || var.use_mixed_instances_policy ? null : local.is_4 || local.is_since_5 ? try(aws_launch_template.this[0].id, var.launch_template_id, var.launch_template) : var.unknown
  mixed_instances_policy = var.use_mixed_instances_policy ? var.mixed_instances_policy : null

  # A name is always among the tags.
  tag {
    key                 = "Name"
    propagate_at_launch = true
  }
}

resource "aws_iam_role" "this" {
  count = var.create_iam_instance_profile ? 1 : 0

  permissions_boundary = var.iam_role_permissions_boundary
  managed_policy_arns  = null
  inline_policy        = null

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = var.create_iam_instance_profile ? var.iam_role_policies : {}

  role       = aws_iam_role.this[0].name
  policy_arn = each.value
}

resource "aws_iam_instance_profile" "this" {
  count = var.create_iam_instance_profile ? 1 : 0

  role = aws_iam_role.this[0].name
}
