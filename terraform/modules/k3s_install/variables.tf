variable "host" {
  type        = string
  description = "Name or address of a Debian or Ubuntu host with systemd."

  validation {
    condition     = can(regex("^[0-9A-Za-z]([0-9A-Za-z.:-]{0,252})$", var.host))
    error_message = "host must be a name or an address, as in gpu.example or 192.0.2.7."
  }
}

variable "port" {
  type        = number
  default     = 22
  description = "Of its SSH."

  validation {
    condition     = var.port >= 1 && var.port <= 65535 && floor(var.port) == var.port
    error_message = "port must be a whole number from 1 to 65535."
  }
}

variable "user" {
  type        = string
  default     = "root"
  description = "Who logs in; by sudo without a password where it is not root."

  validation {
    condition     = can(regex("^[a-z_][a-z0-9_-]{0,31}$", var.user))
    error_message = "user must be a login name."
  }
}

variable "host_key" {
  type        = string
  description = "The host's public key, as ssh-keyscan tells it without the name: no other host is trusted."

  validation {
    condition     = can(regex("^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa) [0-9A-Za-z+/=]+$", var.host_key))
    error_message = "host_key must be a type and a key, as in ssh-ed25519 AAAAC3Nz…."
  }
}

variable "private_key_file" {
  type        = string
  description = "Path of the key to log in with; only its path is kept."

  validation {
    condition     = can(regex("^[/~.][^{}]*$", var.private_key_file))
    error_message = "private_key_file must be a path without braces."
  }
}

variable "kubeconfig_file" {
  type        = string
  description = "Path of the file that becomes the cluster's kubeconfig."

  validation {
    condition     = can(regex("^/[^{}]+$", var.kubeconfig_file))
    error_message = "kubeconfig_file must be an absolute path without braces."
  }
}

variable "names" {
  type        = list(string)
  default     = []
  description = "More names and addresses by which the cluster is reached."

  validation {
    condition     = alltrue([for name in var.names : can(regex("^[0-9A-Za-z.:-]+$", name))])
    error_message = "names must be names or addresses."
  }
}

variable "nvidia" {
  type        = bool
  default     = false
  description = "Pods may ask for the host's NVIDIA GPUs."
}

variable "release" {
  type        = object({ version = string, checksums = map(string) })
  default     = null
  description = "Another release than the role's, with the SHA-256 of its program by `uname -m`."

  validation {
    condition     = var.release == null || can(regex("^v1\\.[0-9]+\\.[0-9]+\\+k3s[0-9]+$", var.release.version)) && alltrue([for sum in values(var.release.checksums) : can(regex("^[0-9a-f]{64}$", sum))])
    error_message = "release must have a version as v1.36.4+k3s1 and checksums of 64 hexadecimal digits."
  }
}

variable "releases" {
  type        = string
  default     = ""
  description = "Where releases lie: a mirror, where the host has no internet."

  validation {
    condition     = can(regex("^(https?://[^\\s{}]+)?$", var.releases))
    error_message = "releases must be an address by http or https."
  }
}

variable "playbooks" {
  type        = string
  default     = ""
  description = "Folder of install_k3s.yml and remove_k3s.yml; this project's where it is empty."
}
