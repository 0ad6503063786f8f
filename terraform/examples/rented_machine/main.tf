module "rented_machine" {
  source = "../../modules/rented_machine"

  deployment_id = "vllm-serving-3f9a2c"
  machine_id    = "xedezhzb9la3ye"
  url           = "https://xedezhzb9la3ye-8000.proxy.runpod.net"
  hourly_usd    = 0.39
}

output "endpoint_url" {
  value = module.rented_machine.endpoint_url
}
