"""Two arms in two periods in either order, each participant compared with himself or herself."""
