using System.Diagnostics.CodeAnalysis;
using System.Text;
using CloudNative.CloudEvents.Http;

namespace Pipeline.CloudEvents;

/// <summary>
/// The one reader of CloudEvents attributes in HTTP headers: the
/// <see href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#3132-http-header-values">HTTP
/// protocol binding 1.0.2, section 3.1.3.2</see>.
/// </summary>
public static class AttributeHeader
{
    /// <summary>What the names of headers with an attribute begin with, without regard to case.</summary>
    public const string Prefix = "ce-";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Whether a header has an attribute.</summary>
    /// <param name="header">The header's name.</param>
    public static bool IsOne([NotNullWhen(true)] string? header) => header?.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>
    /// Takes the quotes off a value that is a quoted string, as older senders write it, with its backslash escapes; then decodes
    /// percent codes, once.
    /// </summary>
    /// <param name="value">The header's value.</param>
    /// <param name="decoded">The attribute's value; the header's where it cannot be decoded.</param>
    /// <returns>Why it cannot be decoded, to go on after the header's name; <see langword="null"/> if it could be.</returns>
    public static string? TryDecode(string value, out string decoded)
    {
        ArgumentNullException.ThrowIfNull(value);
        decoded = value;
        if (value.StartsWith('"'))
        {
            if (Unquote(value) is not { } unquoted)
                return "cannot be decoded: a value that begins with '\"' ends with the next '\"' that no '\\' precedes";
            decoded = unquoted;
        }

        try
        {
            // Quotes are off; one that is left is a character like others, which the SDK would take for the begin of a quoted string.
            // Half a surrogate pair, which it would replace, is refused before.
            if (decoded.Contains('%') && StrictUtf8.GetByteCount(decoded) > 0)
                decoded = HttpUtilities.DecodeHeaderValue(decoded.Replace("\"", "%22", StringComparison.Ordinal));
            return null;
        }
        catch (ArgumentException)
        {
            decoded = value;
            return "cannot be decoded: a '%' begins the code of a byte in UTF-8, in two hex digits; the bytes have to be UTF-8";
        }
    }

    /// <summary>The content of a quoted string (RFC 7230, section 3.2.6); <see langword="null"/> if it does not end where the value does.</summary>
    private static string? Unquote(string value)
    {
        var text = new StringBuilder(value.Length);
        for (var i = 1; i < value.Length; i++)
        {
            if (value[i] == '"')
                return i == value.Length - 1 ? text.ToString() : null;
            if (value[i] == '\\' && ++i == value.Length)
                return null;
            text.Append(value[i]);
        }

        return null;
    }
}
