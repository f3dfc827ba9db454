"""Files with readings: how a file becomes rows of times and numbers, and how all that is not taken is counted.

The path of a file, with the module that decides each step:

1. ``layout/inputs`` finds the tables behind the arguments: files, members of archives, sheets. ``layout/containers``
   tells by the first bytes what a file is.
2. ``layout/text_encoding``, ``layout/text_layout`` and ``layout/header`` find encoding, delimiter and the line of
   names; ``layout/raw_table`` names the columns and their units.
3. ``first_rows`` takes a sample and finds the time columns in it (``times/time_search``). ``inspection`` looks at the
   rest: ``values/quality_columns`` finds the columns of quality, and ``shape`` decides which column is what (wide, long
   or pairs).
4. ``scan`` reads the whole file once (pass 1). ``times/time_column`` and ``values/value_profile`` count what they see.
5. ``times/time_decision`` and ``decisions`` decide from the counts of all files how times and numbers are read. The
   result is a plan (``plan``), which can be saved and repeated.
6. ``reader`` reads the files again by the plan (pass 2): ``times/time_reading`` and ``times/zones`` make times in UTC,
   ``values/value_parser`` makes numbers, and ``rejections`` counts what neither takes.
7. ``losses`` compares the counts with the rows of pass 1 and with the limits of the user.

``prepare`` calls steps 1 to 5 in this order.
"""
