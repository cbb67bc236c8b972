using System.Diagnostics;
using System.Net.Sockets;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local.Storage;

/// <summary>
/// The blob service of a platform: Azurite on data of its own, started when it is needed and again when it has gone.
/// A blob service that others started is left alone: two clones would write into each other's data.
/// </summary>
internal sealed class BlobService : IAsyncDisposable
{
    /// <summary>The newest version of the service that the Azurite in the lockfile takes.</summary>
    public const BlobClientOptions.ServiceVersion Version = BlobClientOptions.ServiceVersion.V2025_11_05;

    /// <summary>A start that failed is not tried again for so long: the same message would come of it.</summary>
    private static readonly TimeSpan _failureHolds = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan _probePatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _predecessorClosesWithin = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan _predecessorPoll = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly AzuriteInstallation _installation;
    private readonly AzuriteStart _start;
    private readonly string? _location;
    private readonly int _port;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;

    private Task<Uri>? _address;
    private AzuriteProcess? _process;
    private DateTimeOffset _failedAt;
    private bool _wasStarted;

    /// <summary>Creates it; nothing is started yet.</summary>
    /// <param name="connection">How the app addresses it. Only the app's own requests ever see this authority.</param>
    /// <param name="start">When to start.</param>
    /// <param name="port">Port on 127.0.0.1; 0 = a free one.</param>
    /// <param name="location">Folder with the data; <see langword="null"/> = in memory.</param>
    /// <param name="installation">Where Azurite comes from.</param>
    /// <param name="clock">Times the pause after a failed start.</param>
    /// <param name="log">Tells of starts and failures.</param>
    public BlobService(
        BlobConnection connection, AzuriteStart start, int port, string? location, AzuriteInstallation installation, TimeProvider clock, ILogger log)
    {
        Connection = connection;
        _start = start;
        _port = port;
        _location = location;
        _installation = installation;
        _clock = clock;
        _log = log;
    }

    public BlobConnection Connection { get; }

    /// <summary>Whether a request is for this service and has to be sent to where it really listens.</summary>
    public bool IsFor(Uri? address) =>
        _start != AzuriteStart.Off
        && address is not null
        && address.Scheme == Uri.UriSchemeHttp
        && address.Authority.Equals(Connection.Endpoint.Authority, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether nothing can be stored: it was never started, and neither was it in an earlier run.</summary>
    public bool IsUntouched => _address is null && !_wasStarted && (_location is null || !Directory.Exists(_location));

    /// <summary>Starts with the host, if it is to. Returns at once; what goes wrong is logged.</summary>
    public void StartWithHost()
    {
        if (_start == AzuriteStart.On || (_start == AzuriteStart.Auto && _installation.IsInstalled))
            _ = Task.Run(() => EnsureStartedAsync(CancellationToken.None)).ContinueWith(t => _ = t.Exception, TaskScheduler.Default);
    }

    /// <summary>Where it listens, <c>http://127.0.0.1:PORT/</c>, once it does.</summary>
    /// <exception cref="BlobsUnavailableException">It cannot be started; the message says what to do.</exception>
    public Task<Uri> EnsureStartedAsync(CancellationToken cancellationToken)
    {
        if (_start == AzuriteStart.Off)
            return Task.FromResult(new Uri(Connection.Endpoint.GetLeftPart(UriPartial.Authority)));
        Task<Uri> address;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
            if (_address is null || IsOver(_address))
                _address = Task.Run(() => StartAsync(_closing.Token), CancellationToken.None);
            address = _address;
        }

        return address.IsCompleted ? address : address.WaitAsync(cancellationToken);
    }

    /// <summary>Nobody listens there any more: the next request starts it again.</summary>
    public void Lost(Uri address)
    {
        lock (_gate)
        {
            if (_address is { IsCompletedSuccessfully: true } known && known.Result == address)
                _address = null;
        }
    }

    /// <summary>Ends as by <c>kill -9</c> of this process.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _closing.Cancel();
            _process?.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task<Uri>? address;
        lock (_gate)
        {
            if (_closing.IsCancellationRequested)
                return;
            _closing.Cancel();
            address = _address;
        }

        if (address is not null)
            await address.ContinueWith(t => _ = t.Exception, TaskScheduler.Default);
        if (_process is not null)
            await _process.DisposeAsync();
    }

    private bool IsOver(Task<Uri> address)
    {
        if (!address.IsCompleted)
            return false;
        return address.IsCompletedSuccessfully ? _process is { HasEnded: true } : _clock.GetUtcNow() - _failedAt >= _failureHolds;
    }

    private async Task<Uri> StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            var (node, main) = await _installation.GetAsync(cancellationToken);
            if (_process is { } old)
            {
                _log.LogWarning("Azurite has ended; it is started again.");
                await old.DisposeAsync();
                _process = null;
            }

            var stranger = await StrangerAsync(cancellationToken);
            var process = await AzuriteProcess.StartAsync(_installation.Script, node, main, _location, stranger is null ? _port : 0, cancellationToken);
            _wasStarted = true;
            lock (_gate)
            {
                _process = process;
                if (cancellationToken.IsCancellationRequested)
                    process.Release();
            }

            _log.LogInformation("Azurite keeps blobs and listens on {Address}", process.Address);
            if (stranger is not null)
            {
                _log.LogWarning(
                    "It is not on port {Port}: a blob service that this pipeline did not start listens there, of another clone perhaps, and is left alone. " +
                    "To use that one instead, set Local:Azurite to 'off'.",
                    _port);
            }

            return process.Address;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _failedAt = _clock.GetUtcNow();
            _log.LogError(e is BlobsUnavailableException ? null : e, "{Message}", e.Message);
            throw;
        }
    }

    /// <summary>The blob service on the port that is not ours. The one before us on the same data, whose app was killed, is waited for: it is closing.</summary>
    private async Task<Uri?> StrangerAsync(CancellationToken cancellationToken)
    {
        if (_port == 0)
            return null;
        var begun = Stopwatch.GetTimestamp();
        while (await ProbeAsync(cancellationToken) is { } there)
        {
            if (_location is null || !AzuriteProcess.RunsOn(_location) || Stopwatch.GetElapsedTime(begun) > _predecessorClosesWithin)
                return there;
            await Task.Delay(_predecessorPoll, cancellationToken);
        }

        return null;
    }

    /// <summary>The address of the blob service on the port; <see langword="null"/> if nobody listens there.</summary>
    /// <exception cref="BlobsUnavailableException">Something else listens there.</exception>
    private async Task<Uri?> ProbeAsync(CancellationToken cancellationToken)
    {
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}"));
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var http = new HttpClient(handler) { Timeout = _probePatience };
        try
        {
            using var response = await http.GetAsync(new Uri(address, $"{Connection.Endpoint.AbsolutePath}?comp=list"), cancellationToken);

            // Whatever it says to a stranger: only a storage service numbers its requests like this.
            if (response.Headers.Contains("x-ms-request-id"))
                return address;
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        {
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // It listens, but speaks something else, or nothing.
        }

        throw new BlobsUnavailableException(
            string.Create(CultureInfo.InvariantCulture,
                $"Port {_port} is in use by something that is no blob service. Stop it, or set Local:BlobPort to another port, or to 0 for a free one."));
    }
}
