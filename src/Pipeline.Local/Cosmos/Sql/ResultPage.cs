using System.Buffers;
using System.Text.Json;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>The body of an answer with documents, <c>{"_rid", "Documents", "_count"}</c>, written as it grows.</summary>
internal sealed class ResultPage : IDisposable
{
    private const int MaxBytes = 4 * 1024 * 1024;
    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
        MaxDepth = 256,
    };

    private const int FrameBytes = 256;

    private readonly ArrayBufferWriter<byte> _buffer;
    private Utf8JsonWriter? _writer;
    private bool _isOpen;

    /// <param name="containerRid">The container's rid.</param>
    /// <param name="bytes">How long the documents will be together, about, if that is known.</param>
    public ResultPage(string containerRid, int bytes = 4096 - FrameBytes)
    {
        _buffer = new(bytes + FrameBytes);
        _buffer.Write("{\"_rid\":\""u8);
        WriteText(containerRid);
        _buffer.Write("\",\"Documents\":["u8);
    }

    public int Count { get; private set; }
    public long Bytes => _buffer.WrittenCount + (_writer?.BytesPending ?? 0);

    /// <summary>The page is full, whatever the number of its items.</summary>
    public bool IsLarge => Bytes >= MaxBytes;

    public string? Continuation { get; set; }
    public double RequestCharge { get; set; }

    /// <summary>Adds a document as it is stored.</summary>
    public void Add(ReadOnlySpan<byte> json)
    {
        Separate();
        _buffer.Write(json);
    }

    /// <summary>Adds an item that the caller writes.</summary>
    public Utf8JsonWriter BeginItem()
    {
        Separate();
        _isOpen = true;
        if (_writer is null)
            _writer = new Utf8JsonWriter(_buffer, WriterOptions);
        else
            _writer.Reset(_buffer);
        return _writer;
    }

    /// <summary>Closes the page and returns its body.</summary>
    public ReadOnlyMemory<byte> Finish()
    {
        CloseItem();
        _buffer.Write("],\"_count\":"u8);
        System.Buffers.Text.Utf8Formatter.TryFormat(Count, _buffer.GetSpan(16), out var written);
        _buffer.Advance(written);
        _buffer.Write("}"u8);
        return _buffer.WrittenMemory;
    }

    public void Dispose() => _writer?.Dispose();

    private void Separate()
    {
        CloseItem();
        if (Count++ > 0)
            _buffer.Write(","u8);
    }

    private void CloseItem()
    {
        if (_isOpen)
            _writer!.Flush();
        _isOpen = false;
    }

    private void WriteText(string ascii) => _buffer.Advance(System.Text.Encoding.ASCII.GetBytes(ascii, _buffer.GetSpan(ascii.Length)));
}
