namespace Pipeline.Testing.Faults;

/// <summary>
/// Counts the I/O of one simulated process (each request to Cosmos DB, each send, each settlement) and kills the process
/// right before or right after the chosen one.
/// </summary>
internal sealed class FaultPlan
{
    /// <summary>The method of a query's operation.</summary>
    public const string Query = "QUERY";

    private int _count;

    public int? CrashAt { get; set; }

    /// <summary>Whether the process dies before the operation takes effect, or after it did but before anybody knows.</summary>
    public bool Before { get; init; }

    public bool IsDead { get; private set; }

    /// <summary>Comes before every operation, and may do something in between, or throw in its place.</summary>
    public Func<string, Task>? Interrupt { get; set; }

    public int Count => _count;

    public List<string> Operations { get; } = [];

    /// <summary>
    /// The operations, by number, after which a crash leaves something new: all but those that read. A process does one thing at a time
    /// here, so what is left after an operation is what is left before the next.
    /// </summary>
    public static IEnumerable<int> CrashPoints(IReadOnlyList<string> operations, int first = 1) =>
        Enumerable.Range(first, operations.Count - first + 1).Where(at => operations[at - 1].Split(' ')[0] is not ("GET" or Query));

    public async Task<T> RunAsync<T>(string operation, Func<Task<T>> io)
    {
        if (IsDead)
            throw new CrashException();
        if (Interrupt is { } interrupt)
            await interrupt(operation);
        var number = Interlocked.Increment(ref _count);
        lock (Operations)
            Operations.Add(operation);
        if (number == CrashAt && Before)
            Die();
        var result = await io();
        if (number == CrashAt)
            Die();
        return result;
    }

    /// <summary>Kills the process here and now.</summary>
    public void Die()
    {
        Kill();
        throw new CrashException();
    }

    /// <summary>Kills the process: what it does from now on fails.</summary>
    public void Kill() => IsDead = true;
}
