output "balancer" {
  description = "Point the public address here."
  value       = aws_lb.balancer.dns_name
}

output "database" {
  description = "Host and port of the database; run `telerad migrate` as its owner before the first start."
  value       = aws_db_instance.database.endpoint
}

output "bucket" {
  description = "Where originals, renditions and reports lie."
  value       = aws_s3_bucket.objects.bucket
}
