mock_provider "runpod" {
  mock_resource "runpod_pod" {
    defaults = {
      id   = "pod123"
      cost = 0.44
    }
  }
}

variables {
  deployment_id = "vllm-serving-3f9a2c"
  name          = "mlops-7d1e-vllm-serving-3f9a2c-1"
  image         = "vllm/vllm-openai:v0.9.1"
  args          = "--model Qwen/Qwen3-8B"
  env           = { HF_HOME = "/workspace/huggingface" }
  key_variable  = "VLLM_API_KEY"
  service_key   = "canary"
  port          = 8000
  gpu_type_id   = "NVIDIA L4"
  volume        = { size = 60, path = "/workspace" }
}

run "rents_a_machine_that_answers_by_the_proxy" {
  assert {
    condition     = output.endpoint_url == "https://pod123-8000.proxy.runpod.net"
    error_message = "The endpoint is the port at RunPod's proxy."
  }

  assert {
    condition     = output.hourly_usd == 0.44
    error_message = "The price is the provider's."
  }

  assert {
    condition     = runpod_pod.server.env["VLLM_API_KEY"] == "canary" && runpod_pod.server.env["HF_HOME"] == "/workspace/huggingface"
    error_message = "The server is told its key beside the rest."
  }

  assert {
    condition     = runpod_pod.server.ports == tolist(["8000/http"])
    error_message = "Only the server's port is open."
  }
}

run "needs_no_key_where_the_server_asks_for_none" {
  variables {
    key_variable = ""
    service_key  = ""
  }

  assert {
    condition     = !contains(keys(runpod_pod.server.env), "VLLM_API_KEY")
    error_message = "No empty variable is set."
  }
}

run "refuses_an_image_without_a_tag" {
  command = plan

  variables {
    image = "vllm/vllm-openai"
  }

  expect_failures = [var.image]
}

run "refuses_an_unknown_cloud" {
  command = plan

  variables {
    cloud = "ALL"
  }

  expect_failures = [var.cloud]
}

run "refuses_a_name_that_no_lookup_would_find" {
  command = plan

  variables {
    name = "My Machine"
  }

  expect_failures = [var.name]
}

run "refuses_a_volume_that_is_too_small" {
  command = plan

  variables {
    volume = { size = 5, path = "/workspace" }
  }

  expect_failures = [var.volume]
}

run "refuses_a_port_out_of_range" {
  command = plan

  variables {
    port = 70000
  }

  expect_failures = [var.port]
}

run "refuses_half_a_gpu" {
  command = plan

  variables {
    gpu_count = 0.5
  }

  expect_failures = [var.gpu_count]
}
