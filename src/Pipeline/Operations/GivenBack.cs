namespace Pipeline.Operations;

/// <summary>Why a consumer gives messages of a subject back.</summary>
/// <param name="Partition">The subject.</param>
/// <param name="What">The cause.</param>
/// <param name="Since">When that happened first.</param>
/// <param name="Times">How often.</param>
public sealed record GivenBack(string Partition, string What, DateTimeOffset Since, int Times);
