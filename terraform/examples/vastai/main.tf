module "vastai" {
  source = "../../modules/vastai"

  deployment_id = "vllm-serving-3f9a2c"
  machine_id    = "17352001"
  url           = "http://192.0.2.7:40123"
  hourly_usd    = 0.35
}

output "endpoint_url" {
  value = module.vastai.endpoint_url
}
