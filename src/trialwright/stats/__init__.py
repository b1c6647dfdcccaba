"""Statistical methods: arrays in, typed results out. They know no trial."""
