variable "name" {
  description = "Prefix of everything that is made."
  type        = string
  default     = "telerad"
}

variable "image" {
  description = "The program's image, with its digest."
  type        = string
}

variable "public_url" {
  description = "Where people reach the portal; https."
  type        = string

  validation {
    condition     = startswith(var.public_url, "https://")
    error_message = "Patients' images travel over TLS only."
  }
}

variable "certificate_arn" {
  description = "The certificate of the public address."
  type        = string
}

variable "vpc_id" {
  description = "The network."
  type        = string
}

variable "public_subnet_ids" {
  description = "Where the load balancer listens; at least two zones."
  type        = list(string)
}

variable "private_subnet_ids" {
  description = "Where database and program live; at least two zones, with a way out for S3 and mail."
  type        = list(string)
}

variable "database_instance_class" {
  description = "Size of the database."
  type        = string
  default     = "db.t4g.medium"
}

variable "roles" {
  description = "How many tasks of each role, and their size."
  type = map(object({
    count  = number
    cpu    = number
    memory = number
  }))
  default = {
    api    = { count = 2, cpu = 1024, memory = 2048 }
    worker = { count = 2, cpu = 2048, memory = 8192 }
  }
}

variable "secrets" {
  description = <<-TEXT
    ARNs of Secrets Manager entries that hold TELERAD_DATABASE_URL (the program's plain role) and
    TELERAD_SMTP_URL. Made by hand: a password in the state would be one more place to guard.
  TEXT
  type        = map(string)
}
