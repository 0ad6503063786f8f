variable "deployment_id" {
  type        = string
  description = "Names the deployment everywhere: its namespace, its labels."

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.deployment_id))
    error_message = "deployment_id must be 1 to 63 lowercase letters, digits and inner hyphens, as in rag-chatbot-3f9a2c."
  }
}

variable "kustomization" {
  type        = string
  description = "kustomization.yaml, as JSON; it names resources.json and, where there is a graph, pipeline.json."

  validation {
    condition     = can(jsondecode(var.kustomization).kind) && length(var.kustomization) < 130000
    error_message = "kustomization must be JSON of less than 130000 characters."
  }
}

variable "resources" {
  type        = string
  description = "A Kubernetes List, as JSON; nothing secret is in it."

  validation {
    condition     = can(jsondecode(var.resources).items) && length(var.resources) < 130000
    error_message = "resources must be a List as JSON, of less than 130000 characters."
  }
}

variable "pipeline" {
  type        = string
  default     = ""
  description = "The graph that the API serves, as JSON; empty where a model server is served alone."

  validation {
    condition     = length(var.pipeline) < 130000
    error_message = "pipeline must have less than 130000 characters."
  }
}
