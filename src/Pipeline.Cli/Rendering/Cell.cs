using Spectre.Console;

namespace Pipeline.Cli;

/// <summary>A cell with a style for eyes.</summary>
internal readonly record struct Cell(string Text, Style? Style);
