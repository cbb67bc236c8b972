namespace Pipeline.Local.ServiceBus;

internal enum SqlTokenKind
{
    End,

    /// <summary>A word as it stands: a keyword or a name.</summary>
    Word,

    /// <summary>A name in brackets or double quotes, which is never a keyword.</summary>
    Quoted,

    Text,
    Number,
    Symbol,
}
