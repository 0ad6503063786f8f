variable "service_key" {
  type      = string
  sensitive = true
}

module "runpod" {
  source = "../../modules/runpod"

  deployment_id = "vllm-serving-3f9a2c"
  name          = "mlops-7d1e-vllm-serving-3f9a2c-1"
  image         = "vllm/vllm-openai:v0.9.1"
  args          = "--model Qwen/Qwen3-8B --port 8000"
  env           = { HF_HOME = "/workspace/huggingface" }
  key_variable  = "VLLM_API_KEY"
  service_key   = var.service_key
  port          = 8000
  gpu_type_id   = "NVIDIA L4"
  volume        = { size = 60, path = "/workspace" }
}

output "endpoint_url" {
  value = module.runpod.endpoint_url
}
