using System.Text.Json;
using System.Text.RegularExpressions;
using Pipeline.Contracts.Ordering;

namespace Pipeline.Services.Ordering;

/// <summary>The request body of <c>POST /api/orders</c> as received: before validation every field can be missing.</summary>
public sealed partial record PlaceOrder
{
    /// <summary>Most lines of one order.</summary>
    public const int MaxLines = 50;

    /// <summary>Most pieces of one line.</summary>
    public const int MaxQuantity = 10_000;

    /// <summary>Highest price of one piece.</summary>
    public const decimal MaxUnitPrice = 1_000_000m;

    /// <summary>Most characters of the note.</summary>
    public const int MaxNoteLength = 1_000_000;

    /// <summary>Most bytes of the note as JSON, where what is not ASCII is escaped: the order is stored in one transaction of 2 MB.</summary>
    public const int MaxNoteBytes = 1_500_000;

    /// <summary>Gets the customer; 1 to 64 letters, digits, '.', '_' or '-'.</summary>
    public string? CustomerId { get; init; }

    /// <summary>ISO 4217 code, three capital letters.</summary>
    public string? Currency { get; init; }

    /// <summary>Gets the lines; 1 to <see cref="MaxLines"/> lines.</summary>
    public IReadOnlyList<PlaceOrderLine?>? Lines { get; init; }

    /// <summary>Gets the note; <see langword="null"/>, or up to <see cref="MaxNoteLength"/> characters and <see cref="MaxNoteBytes"/> bytes.</summary>
    public string? Note { get; init; }

    /// <summary>Sum of all lines. Only after validation.</summary>
    internal decimal Total => Lines!.Sum(l => l!.Quantity!.Value * l.UnitPrice!.Value);

    /// <summary>The lines, without what may be missing. Only after validation.</summary>
    internal IReadOnlyList<OrderLine> OrderLines => [.. Lines!.Select(l => new OrderLine(l!.Sku!, l.Quantity!.Value, l.UnitPrice!.Value))];

    /// <summary>Gets the errors by path; empty if there are none.</summary>
    public IReadOnlyDictionary<string, string[]> Validate()
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (CustomerId is null)
            errors["customerId"] = ["is missing"];
        else if (!Name().IsMatch(CustomerId))
            errors["customerId"] = [VisibleText.HiddenCharacterError(CustomerId) ?? "must be 1 to 64 letters, digits, '.', '_' or '-', and not just '.' or '..'"];
        if (Currency is null)
            errors["currency"] = ["is missing"];
        else if (!CurrencyCode().IsMatch(Currency))
            errors["currency"] = [VisibleText.HiddenCharacterError(Currency) ?? "must be three capital letters (ISO 4217), such as EUR"];
        if (Note?.Length > MaxNoteLength)
            errors["note"] = [$"has {Note.Length} characters; at most {MaxNoteLength} are allowed"];
        else if (Note is not null && JsonEncodedText.Encode(Note).EncodedUtf8Bytes.Length is > MaxNoteBytes and var bytes)
            errors["note"] = [string.Create(CultureInfo.InvariantCulture,
                $"takes {bytes} bytes as JSON with escaped characters; at most {MaxNoteBytes} are allowed")];
        if (Lines is null || Lines.Count == 0)
            errors["lines"] = ["at least one line is needed"];
        else if (Lines.Count > MaxLines)
            errors["lines"] = [$"{Lines.Count} lines are too many; at most {MaxLines} are allowed"];
        else
        {
            for (var i = 0; i < Lines.Count; i++)
                Lines[i].Validate(string.Create(CultureInfo.InvariantCulture, $"lines[{i}]"), errors);
        }

        return errors;
    }

    /// <summary>Whether an article or customer can have that name; not <c>.</c> or <c>..</c>, which an address would lose.</summary>
    public static bool IsName(string name) => Name().IsMatch(name);

    [GeneratedRegex(@"^(?!\.{1,2}\z)[A-Za-z0-9._-]{1,64}\z", RegexOptions.ExplicitCapture, 1000)]
    internal static partial Regex Name();

    [GeneratedRegex(@"^[A-Z]{3}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CurrencyCode();
}
