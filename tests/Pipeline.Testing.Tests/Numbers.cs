using Pipeline.Failures;
using Pipeline.InvoiceApp;

namespace Pipeline.Tests.TestingPackage;

/// <summary>A gateway that fails while it is told to.</summary>
internal sealed class Numbers : IInvoiceNumbers
{
    private readonly CountedNumbers _numbers = new();

    /// <summary>The failure of each call; <see langword="null"/> for none.</summary>
    public Func<string, Exception?> Failure { get; set; } = _ => null;

    public int Calls { get; private set; }

    public int Given => _numbers.Given;

    public static Exception Permanent() => new PermanentFailureException("There is no number for this order.");

    public static Exception Transient() => new TimeoutException("No answer.");

    public Task<string> NextAsync(string key, CancellationToken cancellationToken)
    {
        Calls++;
        return Failure(key) is { } failure ? throw failure : _numbers.NextAsync(key, cancellationToken);
    }
}
