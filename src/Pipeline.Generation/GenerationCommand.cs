namespace Pipeline.Generation;

/// <summary>How the generator is called.</summary>
internal static class GenerationCommand
{
    /// <summary>The command, as generated files name it.</summary>
    public const string Name = "pipeline generate";
}
