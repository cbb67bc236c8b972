namespace Pipeline.CloudEvents;

/// <summary>What is shown of a text that came from outside.</summary>
public static class ShownText
{
    /// <summary>The text, or its beginning; a pair of surrogates stays together.</summary>
    /// <param name="text">The text.</param>
    /// <param name="most">The most characters; more than 1.</param>
    public static string Of(string text, int most)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length <= most ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[most - 1]) ? most - 1 : most), "...");
    }
}
