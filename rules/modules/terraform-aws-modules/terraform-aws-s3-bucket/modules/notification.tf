# Outline of https://registry.terraform.io/modules/terraform-aws-modules/s3-bucket/aws/latest/submodules/notification,
# versions 1 to 5.

variable "create" { default = true }
variable "bucket" { default = "" }
variable "eventbridge" { default = null }
variable "lambda_notifications" { default = {} }
variable "sqs_notifications" { default = {} }
variable "sns_notifications" { default = {} }

resource "aws_s3_bucket_notification" "this" {
  count = var.create ? 1 : 0

  bucket      = var.bucket
  eventbridge = var.eventbridge

  dynamic "lambda_function" {
    for_each = var.lambda_notifications

    content {
      lambda_function_arn = try(lambda_function.value.function_arn, null)
    }
  }

  dynamic "queue" {
    for_each = var.sqs_notifications

    content {
      queue_arn = try(queue.value.queue_arn, null)
    }
  }

  dynamic "topic" {
    for_each = var.sns_notifications

    content {
      topic_arn = try(topic.value.topic_arn, null)
    }
  }
}

# What lets S3 use the targets.
resource "aws_sqs_queue_policy" "allow" {
  for_each = var.create ? { for name, one in var.sqs_notifications : name => one if try(one.create_policy, true) } : {}

  policy = null
}

resource "aws_sns_topic_policy" "allow" {
  for_each = var.create ? { for name, one in var.sns_notifications : name => one if try(one.create_policy, true) } : {}

  policy = null
}
