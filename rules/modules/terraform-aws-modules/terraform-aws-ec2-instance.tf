# Outline of https://registry.terraform.io/modules/terraform-aws-modules/ec2-instance/aws, versions 2 to 6.

variable "module_least" {}
variable "module_most" {}
variable "unknown" {}

variable "create" { default = true }
variable "create_spot_instance" { default = false }
variable "instance_count" { default = 1 }

variable "ami" { default = null }
variable "associate_public_ip_address" { default = null }
variable "key_name" { default = null }
variable "launch_template" { default = null }
variable "metadata_options" { default = null }
variable "monitoring" { default = false }
variable "network_interface" { default = null }
variable "user_data" { default = null }
variable "user_data_base64" { default = null }

variable "root_block_device" { default = null }
variable "ebs_block_device" { default = [] }
variable "ebs_volumes" { default = null }

variable "subnet_id" { default = null }
variable "subnet_ids" { default = [] }
variable "vpc_security_group_ids" { default = null }
variable "create_security_group" { default = true }
variable "security_group_description" { default = null }
variable "security_group_ingress_rules" { default = null }
variable "security_group_egress_rules" {
  default = {
    ipv4_default = { cidr_ipv4 = "0.0.0.0/0", ip_protocol = "-1", description = "Allow all IPv4 traffic" }
    ipv6_default = { cidr_ipv6 = "::/0", ip_protocol = "-1", description = "Allow all IPv6 traffic" }
  }
}
variable "create_eip" { default = false }

variable "iam_instance_profile" { default = null }
variable "create_iam_instance_profile" { default = false }
variable "iam_role_permissions_boundary" { default = null }
variable "iam_role_policies" { default = {} }

locals {
  # Session tokens have been required by default since 5.8.
  http_tokens = var.module_most < 5008 ? "optional" : var.module_least >= 5008 ? "required" : var.unknown

  # A security group of its own has come by default since 6.0.
  may_create_group = var.module_most < 6000 ? false : var.module_least >= 6000 ? true : var.unknown
  has_interfaces   = try(length(var.network_interface), 0) > 0
  creates_group    = local.may_create_group && var.create_security_group && !local.has_interfaces
  own_groups       = aws_security_group.this[*].id
  groups           = local.creates_group ? concat(coalesce(var.vpc_security_group_ids, []), local.own_groups) : var.vpc_security_group_ids

  subnet_ids         = compact(concat([var.subnet_id], var.subnet_ids))
  root_block_devices = var.root_block_device != null ? flatten([var.root_block_device]) : []
  interfaces         = var.network_interface != null ? var.network_interface : []
}

resource "aws_instance" "this" {
  count = var.create && !var.create_spot_instance ? var.instance_count : 0

  ami                         = var.ami
  associate_public_ip_address = var.associate_public_ip_address
  iam_instance_profile        = var.create_iam_instance_profile ? aws_iam_instance_profile.this[0].name : var.iam_instance_profile
  key_name                    = var.key_name
  monitoring                  = var.monitoring
  subnet_id                   = try(local.subnet_ids[count.index % length(local.subnet_ids)], null)
  user_data                   = var.user_data
  user_data_base64            = var.user_data_base64
  vpc_security_group_ids      = local.groups

  metadata_options {
    http_endpoint               = coalesce(try(var.metadata_options.http_endpoint, null), "enabled")
    http_tokens                 = try(var.metadata_options.http_tokens, null) != null ? var.metadata_options.http_tokens : local.http_tokens
    http_put_response_hop_limit = coalesce(try(var.metadata_options.http_put_response_hop_limit, null), 1)
  }

  dynamic "root_block_device" {
    for_each = local.root_block_devices

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

  dynamic "network_interface" {
    for_each = local.interfaces

    content {
      network_interface_id = try(network_interface.value.network_interface_id, null)
    }
  }

  dynamic "launch_template" {
    for_each = try(length(var.launch_template), 0) > 0 ? [var.launch_template] : []

    content {
      id   = try(launch_template.value.id, null)
      name = try(launch_template.value.name, null)
    }
  }
}

resource "aws_spot_instance_request" "this" {
  count = var.create && var.create_spot_instance ? 1 : 0

  ami                         = var.ami
  associate_public_ip_address = var.associate_public_ip_address
  iam_instance_profile        = var.create_iam_instance_profile ? aws_iam_instance_profile.this[0].name : var.iam_instance_profile
  key_name                    = var.key_name
  monitoring                  = var.monitoring
  subnet_id                   = var.subnet_id
  user_data                   = var.user_data
  user_data_base64            = var.user_data_base64
  vpc_security_group_ids      = local.groups

  metadata_options {
    http_endpoint               = coalesce(try(var.metadata_options.http_endpoint, null), "enabled")
    http_tokens                 = try(var.metadata_options.http_tokens, null) != null ? var.metadata_options.http_tokens : local.http_tokens
    http_put_response_hop_limit = coalesce(try(var.metadata_options.http_put_response_hop_limit, null), 1)
  }

  dynamic "root_block_device" {
    for_each = local.root_block_devices

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

  dynamic "network_interface" {
    for_each = local.interfaces

    content {
      network_interface_id = try(network_interface.value.network_interface_id, null)
    }
  }

  dynamic "launch_template" {
    for_each = try(length(var.launch_template), 0) > 0 ? [var.launch_template] : []

    content {
      id   = try(launch_template.value.id, null)
      name = try(launch_template.value.name, null)
    }
  }
}

resource "aws_ebs_volume" "this" {
  for_each = var.create && var.ebs_volumes != null ? var.ebs_volumes : {}

  encrypted   = try(each.value.encrypted, null)
  kms_key_id  = try(each.value.kms_key_id, null)
  snapshot_id = try(each.value.snapshot_id, null)
}

resource "aws_volume_attachment" "this" {
  for_each = var.create && var.ebs_volumes != null ? var.ebs_volumes : {}

  volume_id   = aws_ebs_volume.this[each.key].id
  instance_id = try(aws_instance.this[0].id, null)
}

resource "aws_eip" "this" {
  count = var.create && var.create_eip ? 1 : 0

  instance = try(aws_instance.this[0].id, null)
}

resource "aws_security_group" "this" {
  count = var.create && local.creates_group ? 1 : 0

  name        = null
  description = var.security_group_description
  ingress     = null
  egress      = null
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = var.create && local.creates_group && var.security_group_ingress_rules != null ? var.security_group_ingress_rules : {}

  security_group_id = aws_security_group.this[0].id
  description       = try(each.value.description, null)
  ip_protocol       = try(each.value.ip_protocol, "tcp")
  from_port         = try(each.value.from_port, each.value.to_port, null)
  to_port           = try(each.value.to_port, each.value.from_port, null)
  cidr_ipv4         = try(each.value.cidr_ipv4, null)
  cidr_ipv6         = try(each.value.cidr_ipv6, null)
  prefix_list_id    = try(each.value.prefix_list_id, null)
}

resource "aws_vpc_security_group_egress_rule" "this" {
  for_each = var.create && local.creates_group && var.security_group_egress_rules != null ? var.security_group_egress_rules : {}

  security_group_id = aws_security_group.this[0].id
  description       = try(each.value.description, null)
  ip_protocol       = try(each.value.ip_protocol, "tcp")
  from_port         = try(each.value.from_port, each.value.to_port, null)
  to_port           = try(each.value.to_port, each.value.from_port, null)
  cidr_ipv4         = try(each.value.cidr_ipv4, null)
  cidr_ipv6         = try(each.value.cidr_ipv6, null)
  prefix_list_id    = try(each.value.prefix_list_id, null)
}

resource "aws_iam_role" "this" {
  count = var.create && var.create_iam_instance_profile ? 1 : 0

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
  for_each = var.create && var.create_iam_instance_profile ? var.iam_role_policies : {}

  role       = aws_iam_role.this[0].name
  policy_arn = each.value
}

resource "aws_iam_instance_profile" "this" {
  count = var.create && var.create_iam_instance_profile ? 1 : 0

  role = aws_iam_role.this[0].name
}
