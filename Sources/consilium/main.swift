import ConsiliumCommands

await Program.main()
