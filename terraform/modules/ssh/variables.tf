variable "deployment_id" {
  type        = string
  description = "Names the deployment everywhere: folder, processes, labels."

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.deployment_id))
    error_message = "deployment_id must be 1 to 63 lowercase letters, digits and inner hyphens, as in rag-chatbot-3f9a2c."
  }
}

variable "name" {
  type        = string
  description = "The pipeline's name, as people wrote it."

  validation {
    condition     = trimspace(var.name) != "" && length(var.name) <= 200
    error_message = "name must not be blank nor longer than 200 characters."
  }
}

variable "host" {
  type        = string
  description = "Name or address of the machine, as the worker logs in to it."

  validation {
    condition     = can(regex("^[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$", var.host))
    error_message = "host must be a host name or an address."
  }
}

variable "port" {
  type        = number
  default     = 22
  description = "Where its SSH server listens."

  validation {
    condition     = var.port >= 1 && var.port <= 65535 && floor(var.port) == var.port
    error_message = "port must be a whole number from 1 to 65535."
  }
}

variable "user" {
  type        = string
  description = "Who logs in."

  validation {
    condition     = can(regex("^[a-z_][a-z0-9_.-]{0,31}$", var.user))
    error_message = "user must be the name of a Linux user."
  }
}

variable "api_host" {
  type        = string
  default     = "127.0.0.1"
  description = "Address at which the API answers: the host's own loopback where a tunnel leads there."

  validation {
    condition     = can(regex("^[A-Za-z0-9.:-]+$", var.api_host))
    error_message = "api_host must be a host name or an address."
  }
}

variable "server_name" {
  type        = string
  default     = ""
  description = "By which the API is called, by https: Caddy there leads to it."

  validation {
    condition     = can(regex("^(([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.){1,8}[a-z][a-z0-9-]{0,62})?$", var.server_name)) && length(var.server_name) <= 253
    error_message = "server_name must be a host name of two labels or more, in lowercase letters."
  }
}

variable "root" {
  type        = string
  description = "Absolute folder that holds all of the deployment."

  validation {
    condition     = startswith(var.root, "/") && !contains(split("/", var.root), "..") && trim(var.root, "/") != ""
    error_message = "root must be an absolute folder, without .. and not / itself."
  }
}

variable "ports" {
  type        = object({ api = number, litellm = number, model_server = number })
  description = "Chosen before the plan and kept by the caller, so that a second plan is empty."

  validation {
    condition     = alltrue([for port in values(var.ports) : port >= 1024 && port <= 65535 && floor(port) == port])
    error_message = "each of ports must be a whole number from 1024 to 65535."
  }

  validation {
    condition     = length(distinct(values(var.ports))) == length(values(var.ports))
    error_message = "ports must differ from each other."
  }
}

variable "services" {
  type        = list(string)
  default     = []
  description = "Processes beside the pipeline's API."

  validation {
    condition     = alltrue([for service in var.services : contains(["litellm", "model-server"], service)])
    error_message = "services may hold litellm and model-server only."
  }
}

variable "labels" {
  type        = map(string)
  default     = {}
  description = "Who owns the deployment and which attempt made it."
}
