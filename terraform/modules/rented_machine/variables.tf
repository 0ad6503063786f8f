variable "deployment_id" {
  type        = string
  description = "Names the deployment everywhere."

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.deployment_id))
    error_message = "deployment_id must be 1 to 63 lowercase letters, digits and inner hyphens, as in vllm-serving-3f9a2c."
  }
}

variable "machine_id" {
  type        = string
  description = "Its provider's id of the machine that was rented; empty before one is."

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{0,100}$", var.machine_id))
    error_message = "machine_id must be a provider's id: letters, digits, hyphens and underscores."
  }
}

variable "url" {
  type        = string
  description = "Where the server on it answers."

  validation {
    condition     = var.url == "" || can(regex("^https?://[^\\s?#]+[^\\s?#/]$", var.url))
    error_message = "url must be an http or https address without query and without a slash at its end."
  }
}

variable "health_path" {
  type        = string
  default     = "/health"
  description = "Path that answers once the server is up."

  validation {
    condition     = startswith(var.health_path, "/")
    error_message = "health_path must begin with a slash."
  }
}

variable "hourly_usd" {
  type        = number
  description = "What the machine costs while it runs, as it was rented."

  validation {
    condition     = var.hourly_usd >= 0
    error_message = "hourly_usd must not be negative."
  }
}
