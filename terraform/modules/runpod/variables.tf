variable "deployment_id" {
  type        = string
  description = "Names the deployment everywhere."

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.deployment_id))
    error_message = "deployment_id must be 1 to 63 lowercase letters, digits and inner hyphens, as in vllm-serving-3f9a2c."
  }
}

variable "name" {
  type        = string
  description = "Name of the machine: owner, installation, deployment and attempt, by which a lost one is found again."

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,189}$", var.name))
    error_message = "name must be 1 to 190 lowercase letters, digits and hyphens."
  }
}

variable "image" {
  type        = string
  description = "Container image, with its tag."

  validation {
    condition     = can(regex("^[^\\s:]+(:[0-9]+/[^\\s:]+)?(:[^\\s:]+|@sha256:[0-9a-f]{64})$", var.image))
    error_message = "image must name its tag or digest: what is deployed today and tomorrow must be the same."
  }
}

variable "args" {
  type        = string
  default     = ""
  description = "What the image's entrypoint is told, as in a shell."
}

variable "env" {
  type        = map(string)
  default     = {}
  description = "Environment of the container; nothing secret, since it is written down."
}

variable "key_variable" {
  type        = string
  default     = ""
  description = "Environment variable that takes service_key; empty where the server asks for none."
}

variable "service_key" {
  type        = string
  default     = ""
  sensitive   = true
  description = "What callers of the server must show; by TF_VAR_service_key, never in a file."
}

variable "port" {
  type        = number
  description = "HTTP port of the server in the container."

  validation {
    condition     = var.port >= 1 && var.port <= 65535 && floor(var.port) == var.port
    error_message = "port must be a whole number from 1 to 65535."
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

variable "gpu_type_id" {
  type        = string
  description = "RunPod's name of the GPU, as in NVIDIA L4."

  validation {
    condition     = trimspace(var.gpu_type_id) != ""
    error_message = "gpu_type_id must not be blank."
  }
}

variable "gpu_count" {
  type        = number
  default     = 1
  description = "GPUs of the machine."

  validation {
    condition     = var.gpu_count >= 1 && var.gpu_count <= 16 && floor(var.gpu_count) == var.gpu_count
    error_message = "gpu_count must be a whole number from 1 to 16."
  }
}

variable "cloud" {
  type        = string
  default     = "SECURE"
  description = "Whose data center: SECURE or COMMUNITY."

  validation {
    condition     = contains(["SECURE", "COMMUNITY"], var.cloud)
    error_message = "cloud must be SECURE or COMMUNITY."
  }
}

variable "disk_gb" {
  type        = number
  default     = 40
  description = "Disk of the container; it holds the image and is lost with the machine's stop."

  validation {
    condition     = var.disk_gb >= 10
    error_message = "disk_gb must be at least 10."
  }
}

variable "volume" {
  type        = object({ size = number, path = string })
  default     = null
  description = "Disk in GB that outlives a restart, and where the container sees it."

  validation {
    condition     = var.volume == null ? true : var.volume.size >= 10 && startswith(var.volume.path, "/")
    error_message = "volume needs a size of at least 10 and an absolute path."
  }
}
