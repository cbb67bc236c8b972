using System.Text;

namespace Pipeline.Functions;

/// <summary>Attribute values in HTTP headers (CloudEvents HTTP protocol binding 1.0.2, section 3.1.3.2).</summary>
internal static class HeaderText
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Takes the quotes off a value that has them, as older senders put on, and then decodes percent codes, once. Fails on
    /// a code that is none and on bytes that are not UTF-8, overlong ones included.
    /// </summary>
    public static bool TryDecode(string value, out string decoded)
    {
        decoded = value;
        if (value.Length >= 2 && value[0] == '"' && value[^1] == '"')
            decoded = Unquote(value);
        if (!decoded.Contains('%'))
            return true;
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(decoded.Length)];
        var length = 0;
        for (var i = 0; i < decoded.Length; i++)
        {
            if (decoded[i] != '%')
            {
                var count = char.IsHighSurrogate(decoded[i]) && i + 1 < decoded.Length ? 2 : 1;
                length += Encoding.UTF8.GetBytes(decoded.AsSpan(i, count), bytes.AsSpan(length));
                i += count - 1;
                continue;
            }

            if (i + 2 >= decoded.Length
                || Convert.FromHexString(decoded.AsSpan(i + 1, 2), bytes.AsSpan(length, 1), out _, out _) != System.Buffers.OperationStatus.Done)
                return false;
            length++;
            i += 2;
        }

        try
        {
            decoded = StrictUtf8.GetString(bytes, 0, length);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static string Unquote(string value)
    {
        var text = new StringBuilder(value.Length);
        for (var i = 1; i < value.Length - 1; i++)
        {
            if (value[i] == '\\' && i + 1 < value.Length - 1)
                i++;
            text.Append(value[i]);
        }

        return text.ToString();
    }
}
