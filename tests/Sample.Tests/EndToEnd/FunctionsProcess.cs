using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;

namespace Pipeline.Tests;

/// <summary>The functions app with the embedded host in a process of its own, on a data directory that outlives it.</summary>
internal sealed class FunctionsProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly List<string> _output;

    private FunctionsProcess(Process process, List<string> output, Uri address)
    {
        _process = process;
        _output = output;
        Http = new HttpClient(new PatientHandler()) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(100) };
    }

    public HttpClient Http { get; }

    /// <summary>Bytes that the process has in memory.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public string Output
    {
        get
        {
            lock (_output)
                return string.Join('\n', _output.TakeLast(200));
        }
    }

    public static Task<FunctionsProcess> StartAsync(string dataDirectory, params string[] settings) =>
        StartAsync([Built("FunctionsDll")], dataDirectory, settings);

    /// <summary>The embedded host, and the app in a process of its own beside it (<c>pipeline start</c>).</summary>
    public static Task<FunctionsProcess> StartInTwoAsync(string dataDirectory, params string[] settings) =>
        StartAsync([Built("CliDll"), "start", Path.GetDirectoryName(Built("FunctionsDll"))!], dataDirectory, settings);

    internal static string Built(string name) =>
        Path.GetFullPath(typeof(FunctionsProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == name).Value!);

    private static async Task<FunctionsProcess> StartAsync(string[] program, string dataDirectory, string[] settings)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(program[0])!,
        };
        foreach (var argument in (string[])
            [
                .. program, "--Local:HttpPort=0", "--Local:CosmosPort=0", "--Local:ServiceBusPort=0", "--Local:EventGridPort=0", "--Local:Azurite=off",
                $"--Local:DataDirectory={dataDirectory}", .. settings,
            ])
            start.ArgumentList.Add(argument);
        var process = new Process { StartInfo = start };
        var output = new List<string>();
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Read(object sender, DataReceivedEventArgs e)
        {
            if (e.Data is not { } line)
                return;
            lock (output)
                output.Add(line);
            if (line.Trim().StartsWith("Listening on ", StringComparison.Ordinal))
                address.TrySetResult(new Uri(line.Trim()["Listening on ".Length..]));
        }

        process.OutputDataReceived += Read;
        process.ErrorDataReceived += Read;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var exited = process.WaitForExitAsync();
        if (await Task.WhenAny(address.Task, exited, Task.Delay(StartPatience)) != address.Task)
        {
            if (!process.HasExited)
                process.Kill();
            lock (output)
                throw new InvalidOperationException("The functions app did not start:\n" + string.Join('\n', output));
        }

        return new FunctionsProcess(process, output, await address.Task);
    }

    /// <summary><c>kill -9</c>.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        Http.Dispose();
    }

    /// <summary>SIGTERM, as a platform would. Returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        return await EndAsync();
    }

    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits until it has ended. Returns the exit code.</summary>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Http.Dispose();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }
}

/// <summary>What tests do over HTTP.</summary>
internal static class Api
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public static async Task SetStockAsync(this HttpClient http, string sku, int onHand)
    {
        using var response = await http.PutAsJsonAsync($"api/stock/{sku}", new { onHand });
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    public static object OrderOf(string customer, params (string Sku, int Quantity)[] lines) => new
    {
        customerId = customer,
        currency = "EUR",
        lines = lines.Select(l => new { sku = l.Sku, quantity = l.Quantity, unitPrice = 10.5m }).ToArray(),
    };

    public static async Task<HttpResponseMessage> PostOrderAsync(this HttpClient http, string key, object order)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/orders") { Content = JsonContent.Create(order) };
        request.Headers.Add("Idempotency-Key", key);
        return await http.SendAsync(request);
    }

    public static async Task<string> PlaceAsync(this HttpClient http, string key, string customer, params (string Sku, int Quantity)[] lines)
    {
        using var response = await http.PostOrderAsync(key, OrderOf(customer, lines));
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode is HttpStatusCode.Created or HttpStatusCode.OK, Invariant($"{(int)response.StatusCode} {body}"));
        return JsonDocument.Parse(body).RootElement.GetProperty("orderId").GetString()!;
    }

    public static async Task<string> StatusAsync(this HttpClient http, string orderId) =>
        (await http.GetFromJsonAsync<JsonElement>($"api/orders/{orderId}")).GetProperty("status").GetString()!;

    /// <summary>Waits until every order is completed or cancelled.</summary>
    public static async Task WaitUntilFinalAsync(this HttpClient http, IEnumerable<string> orderIds)
    {
        var open = new Queue<string>(orderIds);
        var clock = Stopwatch.StartNew();
        while (open.TryDequeue(out var orderId))
        {
            var status = await http.StatusAsync(orderId);
            if (status is "completed" or "cancelled")
                continue;
            open.Enqueue(orderId);
            if (clock.Elapsed > Patience)
                throw new TimeoutException($"{open.Count} orders are not final after {Patience}, '{orderId}' is {status}. {await http.GetStringAsync("api/status")}");
            await Task.Delay(20);
        }
    }

    /// <summary>Waits until a condition holds.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > Patience)
                throw new TimeoutException($"After {Patience}: not {what}.");
            await Task.Delay(50);
        }
    }

    /// <summary>Waits until nothing is unpublished.</summary>
    public static Task WaitUntilPublishedAsync(this HttpClient http) => UntilAsync(
        async () => (await http.GetFromJsonAsync<JsonElement>("api/status")).GetProperty("unpublished").GetInt32() == 0, "published");
}
