namespace Pipeline.Client;

/// <summary>Where the answer to a gateway call of a dry run came from.</summary>
public static class AnswerSources
{
    /// <summary>The gateway has it on record: it was asked for before, under the same key.</summary>
    public const string OnRecord = "onRecord";

    /// <summary>Unknown; success is assumed.</summary>
    public const string Assumed = "assumed";

    /// <summary>The gateway was asked, which has no effect.</summary>
    public const string Asked = "asked";

    /// <summary>The gateway was asked and did not answer; the handler saw the failure.</summary>
    public const string Failed = "failed";
}
