# A small web shop, with a handful of mistakes in it.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

locals {
  tags = { Application = "shop", Environment = var.environment }

  # What each bucket holds decides who may read it.
  buckets = {
    assets  = { acl = "public-read" }
    reports = { acl = "private" }
  }
}

module "bucket" {
  for_each = local.buckets
  source   = "./modules/bucket"

  name = "shop-${var.environment}-${each.key}"
  acl  = each.value.acl
}

data "aws_vpc" "main" {
  default = true
}

resource "aws_security_group" "admin" {
  name   = "shop-admin"
  vpc_id = data.aws_vpc.main.id

  dynamic "ingress" {
    for_each = var.admin_ports
    content {
      description = ingress.key
      protocol    = "tcp"
      from_port   = ingress.value
      to_port     = ingress.value
      cidr_blocks = var.admin_networks
    }
  }

  egress {
    description = "everywhere"
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_instance" "web" {
  count = 2

  ami                    = var.image
  instance_type          = "t3.small"
  vpc_security_group_ids = [aws_security_group.admin.id]
  iam_instance_profile   = aws_iam_instance_profile.web.name
  tags                   = local.tags

  root_block_device {
    encrypted = true
  }
}

resource "aws_iam_instance_profile" "web" {
  name = "shop-web"
  role = aws_iam_role.web.name
}

resource "aws_iam_role" "web" {
  name               = "shop-web"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "web" {
  name = "shop-web"
  role = aws_iam_role.web.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = "${module.bucket["reports"].arn}/*" },
      { Effect = "Allow", Action = "*", Resource = "*" },
    ]
  })
}
