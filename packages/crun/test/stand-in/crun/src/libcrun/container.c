static int
wait_for_process (struct wait_for_process_args *args, libcrun_error_t *err)
{
  if (last_process)
    return container_exit_code;
  while (1)
    return container_exit_code;
}
