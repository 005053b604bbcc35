"""长任务 What takes longer than a page may: large exports and exact counts, each in a process of its own."""
