// Parses T-SQL files as SQL Server 2017 does (TSql140Parser) and writes what it found, tab-separated, one fact per line:
//   file    <path>     <batches>
//   error   <line>     <column>  <number>  <message>
//   table   <batch>    <name>    <alias, or the name again>        a table or view that is read or written
//   column  <batch>    <alias>   <name>                            a column with its alias; the alias is empty where there is none
//   insert  <batch>    <table>   <column, column, ...>
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.SqlServer.TransactSql.ScriptDom;

class Facts : TSqlFragmentVisitor {
  readonly int batch;
  public Facts(int batch) { this.batch = batch; }

  public override void Visit(NamedTableReference node) {
    var name = node.SchemaObject.BaseIdentifier.Value;
    Console.WriteLine("table\t{0}\t{1}\t{2}", batch, name, node.Alias == null ? name : node.Alias.Value);
  }

  public override void Visit(ColumnReferenceExpression node) {
    if (node.MultiPartIdentifier == null) return;
    var parts = node.MultiPartIdentifier.Identifiers;
    Console.WriteLine("column\t{0}\t{1}\t{2}", batch, parts.Count > 1 ? parts[parts.Count - 2].Value : "", parts[parts.Count - 1].Value);
  }

  public override void Visit(InsertSpecification node) {
    var target = node.Target as NamedTableReference;
    if (target == null) return;
    var columns = node.Columns.Select(c => c.MultiPartIdentifier.Identifiers.Last().Value);
    Console.WriteLine("insert\t{0}\t{1}\t{2}", batch, target.SchemaObject.BaseIdentifier.Value, string.Join(", ", columns));
  }
}

class Check {
  static int Main(string[] files) {
    var failed = false;
    foreach (var file in files) {
      IList<ParseError> errors;
      TSqlFragment tree;
      using (var reader = new StreamReader(file)) tree = new TSql140Parser(true).Parse(reader, out errors);
      var script = tree as TSqlScript;
      Console.WriteLine("file\t{0}\t{1}", file, script == null ? 0 : script.Batches.Count);
      foreach (var e in errors) Console.WriteLine("error\t{0}\t{1}\t{2}\t{3}", e.Line, e.Column, e.Number, e.Message);
      failed |= errors.Count > 0;
      if (errors.Count == 0)
        for (var i = 0; i < script.Batches.Count; i++) script.Batches[i].Accept(new Facts(i));
    }
    return failed ? 1 : 0;
  }
}
