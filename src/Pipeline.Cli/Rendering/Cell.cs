using Spectre.Console;

namespace Pipeline.Cli;

/// <summary>A cell with a style for terminals.</summary>
internal readonly record struct Cell(string Text, Style? Style);
