using Spectre.Console;

namespace Pipeline.Cli.Running;

/// <summary>How many are in one state.</summary>
/// <param name="Name">The state.</param>
/// <param name="Count">How many.</param>
/// <param name="Color">How it is drawn.</param>
/// <param name="IsFinal">Whether they stay in it.</param>
internal sealed record ProgressPart(string Name, int Count, Color Color, bool IsFinal);
