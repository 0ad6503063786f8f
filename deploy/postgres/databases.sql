-- Windmill's own is made by the image; these are n8n's and the deployment registry's.
create database n8n;
create database mlops;
