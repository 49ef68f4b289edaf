# What the expressions of answers.jsonl refer to.

variable "strings" {
  type    = list(string)
  default = ["b", "a", "ü", "a", ""]
}

variable "numbers" {
  type    = set(number)
  default = [3, 1, 2.5, -7]
}

variable "flags" {
  type    = map(bool)
  default = { on = true, off = false }
}

variable "people" {
  type = list(object({
    name = string
    age  = optional(number, 18)
    tags = optional(map(string))
  }))
  default = [
    { name = "Ada", age = 36, tags = { role = "countess" } },
    { name = "Bob" },
    { name = "Eve", age = null, tags = {} },
  ]
}

variable "nested" {
  type    = map(list(number))
  default = { a = [1, 2, 3], b = [], c = [0.5] }
}

variable "nothing" {
  type    = string
  default = null
}

variable "anything" {
  default = { k = [1, "x", true, null], m = { n = "deep" } }
}

resource "terraform_data" "open" {
  input = "x"
}

locals {
  # A console without a state does not know that an id is a text.
  open_text    = tostring(terraform_data.open.id)
  open_number  = tonumber(terraform_data.open.id)
  open_flag    = local.open_text == "x"
  open_strings = tolist([local.open_text, "b"])
  open_map     = { a = local.open_text, b = "known" }
  tuple        = ["first", 2, false]
  object       = { name = "thing", size = 3, on = true, list = [1, 2] }
  text         = "Hello, World"
  ten          = 10
}
