# Opened during the migration, to be closed again.
admin_networks = ["0.0.0.0/0"]
