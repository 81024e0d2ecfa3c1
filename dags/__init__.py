"""When things happen: thin Airflow DAGs over `presslake.steps`."""
