namespace Pipeline.Generation;

/// <summary>What the value of a hand setting is.</summary>
internal enum SettingKind
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>A list of texts.</summary>
    Texts,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Flag,

    /// <summary>A duration such as <c>PT1M</c>.</summary>
    Duration,

    /// <summary>An object with settings of its own.</summary>
    Part,

    /// <summary>A list of objects with names and settings of their own.</summary>
    Entities,

    /// <summary>A list that the local platform and the deployment check.</summary>
    Rules,
}
